//! `when`: one bare expression over `options` and `mode`, read once into a tree. It is the part of Jinja that says
//! yes or no: `==`, `!=`, `in [...]`, `not in`, `and`, `or`, `not`, parentheses; a test holds that minijinja reads it alike.

use schemars::{Schema, SchemaGenerator};

use crate::compose::scalar::Text;
use crate::compose::value::{Evaluator, Reader, Sink, Value};
use crate::finding::Finding;
use crate::place::Place;
use crate::rule::Rule;
use crate::schema;
use crate::values::shown::shown;
use crate::yaml::node::Node;

/// A condition, and where it was written.
#[derive(Clone, Copy, Debug)]
pub struct When<'s> {
    /// The expression; `None` for one that could not be read, of which a finding says why.
    pub condition: Option<&'s Condition<'s>>,
    /// The whole of it.
    pub text: Text<'s>,
}

/// Something that is true or false.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition<'s> {
    /// The subject is one of some words.
    IsOneOf(Subject<'s>, &'s [Text<'s>]),
    /// The opposite.
    Not(&'s Condition<'s>),
    /// Both.
    And(&'s Condition<'s>, &'s Condition<'s>),
    /// Either.
    Or(&'s Condition<'s>, &'s Condition<'s>),
}

/// What a condition asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject<'s> {
    /// The choice of an option, by the option's name.
    Choice(Text<'s>),
    /// The mode's name.
    ModeName,
    /// The mode's class.
    ModeClass,
}

impl<'s> Condition<'s> {
    /// Whether it is true, given what each subject is. One that nobody knows is nothing.
    pub fn holds(&self, is: &dyn Fn(&Subject<'s>) -> Option<&'s str>) -> bool {
        match self {
            Condition::IsOneOf(subject, words) => {
                is(subject).is_some_and(|is| words.iter().any(|word| word.text == is))
            }
            Condition::Not(inner) => !inner.holds(is),
            Condition::And(one, other) => one.holds(is) && other.holds(is),
            Condition::Or(one, other) => one.holds(is) || other.holds(is),
        }
    }

    /// Every comparison in it.
    pub fn comparisons(&self, each: &mut dyn FnMut(&Subject<'s>, &'s [Text<'s>])) {
        match self {
            Condition::IsOneOf(subject, words) => each(subject, words),
            Condition::Not(inner) => inner.comparisons(each),
            Condition::And(one, other) | Condition::Or(one, other) => {
                one.comparisons(each);
                other.comparisons(each);
            }
        }
    }
}

/// The deepest nesting of parentheses and `not`.
const DEEPEST: usize = 32;

/// What to write, for messages.
const EXAMPLE: &str = "write, for example, `when: options.influxdb == 'separate-instance'`";

impl<'s> Value<'s> for When<'s> {
    fn read(node: &Node<'_, 's>, cx: &Reader<'_, 's>) -> Option<Self> {
        if node.as_text().is_some() && !node.is_string() {
            let message = format!("expected a condition, not {}", node.kind_word());
            let finding = Finding::new(Rule::WrongType, node.place, message);
            cx.findings.add(finding.help(EXAMPLE));
            return None;
        }
        let text = Text::read(node, cx)?;
        let mut parser = Parser {
            text,
            at: 0,
            depth: 0,
            cx,
        };
        let condition = match parser.whole() {
            Ok(condition) => Some(&*cx.arena.alloc(condition)),
            Err(Wrong { message, place }) => {
                let finding = Finding::new(Rule::BadExpression, place, message);
                cx.findings.add(finding.help(EXAMPLE));
                None
            }
        };
        Some(When { condition, text })
    }

    fn is_open(&self) -> bool {
        false
    }

    fn resolve(&self, _: &dyn Evaluator<'s>) -> Self {
        *self
    }

    fn write(&self, out: &mut Sink) {
        out.yaml.text(self.text.text);
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        schema!({ "type": "string", "examples": ["options.influxdb == 'separate-instance'"] })
    }
}

struct Wrong {
    message: String,
    place: Place,
}

type Parsed<T> = Result<T, Wrong>;

struct Parser<'a, 'r, 's> {
    text: Text<'s>,
    at: usize,
    depth: usize,
    cx: &'a Reader<'r, 's>,
}

/// A piece of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'s> {
    /// A name with its dots: `options.influxdb`.
    Name(&'s str),
    /// A word in quotes.
    Word(&'s str),
    /// `==`, `!=`, a bracket, a comma.
    Mark(&'s str),
    End,
}

impl<'s> Parser<'_, '_, 's> {
    fn whole(&mut self) -> Parsed<Condition<'s>> {
        if self.text.text.contains("{{") || self.text.text.contains("{%") {
            return self.wrong(
                "`when` is an expression already: it takes no `{{ }}`".to_owned(),
                0,
            );
        }
        let condition = self.either()?;
        match self.next()? {
            (Token::End, _) => Ok(condition),
            (token, at) => self.unexpected(token, at, "`and`, `or` or the end"),
        }
    }

    fn either(&mut self) -> Parsed<Condition<'s>> {
        let mut one = self.both()?;
        while self.takes(Token::Name("or"))? {
            let other = self.both()?;
            one = Condition::Or(self.keep(one), self.keep(other));
        }
        Ok(one)
    }

    fn both(&mut self) -> Parsed<Condition<'s>> {
        let mut one = self.one()?;
        while self.takes(Token::Name("and"))? {
            let other = self.one()?;
            one = Condition::And(self.keep(one), self.keep(other));
        }
        Ok(one)
    }

    fn one(&mut self) -> Parsed<Condition<'s>> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return self.wrong("`when` is nested too deeply".to_owned(), self.at);
        }
        let condition = if self.takes(Token::Name("not"))? {
            let inner = self.one()?;
            Condition::Not(self.keep(inner))
        } else if self.takes(Token::Mark("("))? {
            let inner = self.either()?;
            self.expect(")")?;
            inner
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Ok(condition)
    }

    fn comparison(&mut self) -> Parsed<Condition<'s>> {
        let (token, at) = self.next()?;
        // `'a' == options.b` means what `options.b == 'a'` does.
        if let Token::Word(text) = token {
            let word = self.word_at(text, at);
            let is_same = self.equality()?;
            let (token, at) = self.next()?;
            let subject = self.subject(token, at)?;
            return Ok(self.compared(subject, &[word], is_same));
        }
        let subject = self.subject(token, at)?;
        if self.takes(Token::Name("in"))? {
            let words = self.list()?;
            return Ok(Condition::IsOneOf(subject, words));
        }
        if self.takes(Token::Name("not"))? {
            return match self.next()? {
                (Token::Name("in"), _) => {
                    let words = self.list()?;
                    Ok(Condition::Not(
                        self.keep(Condition::IsOneOf(subject, words)),
                    ))
                }
                (token, at) => self.unexpected(token, at, "`in`"),
            };
        }
        let is_same = self.equality()?;
        let word = self.word()?;
        Ok(self.compared(subject, &[word], is_same))
    }

    fn compared(&self, subject: Subject<'s>, words: &[Text<'s>], is_same: bool) -> Condition<'s> {
        let condition = Condition::IsOneOf(subject, self.cx.arena.alloc_slice_copy(words));
        match is_same {
            true => condition,
            false => Condition::Not(self.keep(condition)),
        }
    }

    fn equality(&mut self) -> Parsed<bool> {
        match self.next()? {
            (Token::Mark("=="), _) => Ok(true),
            (Token::Mark("!="), _) => Ok(false),
            (token, at) => self.unexpected(token, at, "`==`, `!=` or `in`"),
        }
    }

    fn subject(&self, token: Token<'s>, at: usize) -> Parsed<Subject<'s>> {
        match token {
            Token::Name("mode.name") => Ok(Subject::ModeName),
            Token::Name("mode.class") => Ok(Subject::ModeClass),
            Token::Name(name) => match name.strip_prefix("options.") {
                Some(option) if !option.is_empty() => {
                    let start = at + "options.".len();
                    Ok(Subject::Choice(Text {
                        text: option,
                        place: self.place(start, start + option.len()),
                    }))
                }
                _ => self.wrong(
                    format!(
                        "{} is not known in `when`, which knows `options.NAME`, `mode.name` and `mode.class`",
                        shown(name)
                    ),
                    at,
                ),
            },
            token => self.unexpected(token, at, "`options.NAME`, `mode.name` or `mode.class`"),
        }
    }

    fn list(&mut self) -> Parsed<&'s [Text<'s>]> {
        let open = self.next()?;
        let close = match open.0 {
            Token::Mark("[") => "]",
            Token::Mark("(") => ")",
            token => return self.unexpected(token, open.1, "a list such as `['a', 'b']`"),
        };
        let mut words = vec![self.word()?];
        while self.takes(Token::Mark(","))? {
            words.push(self.word()?);
        }
        self.expect(close)?;
        Ok(self.cx.arena.alloc_slice_copy(&words))
    }

    fn word(&mut self) -> Parsed<Text<'s>> {
        match self.next()? {
            (Token::Word(text), at) => Ok(self.word_at(text, at)),
            (Token::Name(name), at) => {
                self.wrong(format!("{} needs quotes: `'{name}'`", shown(name)), at)
            }
            (token, at) => self.unexpected(token, at, "a word in quotes"),
        }
    }

    fn word_at(&self, text: &'s str, at: usize) -> Text<'s> {
        let place = self.place(at + 1, at + 1 + text.len());
        Text { text, place }
    }

    fn expect(&mut self, mark: &'static str) -> Parsed<()> {
        match self.next()? {
            (Token::Mark(found), _) if found == mark => Ok(()),
            (token, at) => self.unexpected(token, at, &format!("`{mark}`")),
        }
    }

    fn takes(&mut self, wanted: Token<'_>) -> Parsed<bool> {
        let before = self.at;
        let (token, _) = self.next()?;
        if token == wanted {
            return Ok(true);
        }
        self.at = before;
        Ok(false)
    }

    /// The next piece, and where it starts.
    fn next(&mut self) -> Parsed<(Token<'s>, usize)> {
        let text = self.text.text;
        let rest = &text[self.at..];
        let start = self.at + (rest.len() - rest.trim_start().len());
        let rest = &text[start..];
        let (token, length) = match rest.chars().next() {
            None => (Token::End, 0),
            Some(quote @ ('\'' | '"')) => match rest[1..].find(quote) {
                Some(end) => (Token::Word(&rest[1..=end]), end + 2),
                None => return self.wrong("a quote is not closed in `when`".to_owned(), start),
            },
            Some(first) if is_name(first) => {
                let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
                (Token::Name(&rest[..end]), end)
            }
            Some(first) => {
                let two = rest.get(..2).filter(|two| matches!(*two, "==" | "!="));
                let mark = two.unwrap_or(&rest[..first.len_utf8()]);
                (Token::Mark(mark), mark.len())
            }
        };
        self.at = start + length;
        Ok((token, start))
    }

    fn unexpected<T>(&self, token: Token, at: usize, expected: &str) -> Parsed<T> {
        let message = match token {
            Token::End => format!("expected {expected} at the end of `when`"),
            Token::Name(text) | Token::Word(text) | Token::Mark(text) => {
                format!("expected {expected}, not {}", shown(text))
            }
        };
        self.wrong(message, at)
    }

    fn wrong<T>(&self, message: String, at: usize) -> Parsed<T> {
        let end = self.at.max(at + 1).min(self.text.text.len());
        let place = match at < end {
            true => self.place(at, end),
            false => self.text.place,
        };
        Err(Wrong { message, place })
    }

    /// The place of a part of the text, where it stands in the file as it is.
    fn place(&self, start: usize, end: usize) -> Place {
        self.text.place.part(self.text.text.len(), start, end)
    }

    fn keep(&self, condition: Condition<'s>) -> &'s Condition<'s> {
        self.cx.arena.alloc(condition)
    }
}

/// Names hold dashes, too: an option may be called `home-assistant`.
fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '.' | '-')
}

#[cfg(test)]
mod tests {
    use bumpalo::Bump;
    use proptest::prelude::*;

    use super::*;
    use crate::compose::value::Language;
    use crate::finding::Findings;
    use crate::yaml;

    /// What a text comes to with `db` chosen as `own` in the mode `test`; the first message where it is refused.
    fn result(text: &str) -> Result<bool, String> {
        let (arena, tree) = (Bump::new(), Bump::new());
        let yaml = serde_json::to_string(text).unwrap_or_default();
        let yaml = arena.alloc_str(&yaml);
        let findings = Findings::new();
        let reader = Reader {
            arena: &arena,
            findings: &findings,
            language: Language::Catalog,
        };
        let node = yaml::read(yaml, 0, &tree, &arena).ok().flatten();
        let when = node.and_then(|node| When::read(&node, &reader));
        let is = |subject: &Subject| match subject {
            Subject::Choice(option) => (option.text == "db").then_some("own"),
            Subject::ModeName | Subject::ModeClass => Some("test"),
        };
        match when.and_then(|when| when.condition) {
            Some(condition) => Ok(condition.holds(&is)),
            None => Err(findings
                .take()
                .into_iter()
                .map(|finding| finding.message)
                .collect()),
        }
    }

    #[test]
    fn says_yes_or_no() {
        for (text, expected) in [
            ("options.db == 'own'", true),
            ("options.db != 'own'", false),
            ("'own' == options.db", true),
            ("options.db == \"shared\"", false),
            ("options.db in ['own', 'shared']", true),
            ("options.db not in ('own', 'shared')", false),
            ("not options.db == 'own'", false),
            ("mode.class == 'test' and options.db == 'own'", true),
            ("mode.name == 'x' or not (options.db == 'shared')", true),
            (
                "mode.name == 'x' or mode.name == 'test' and options.db == 'own'",
                true,
            ),
            ("options.other == 'own'", false),
            ("options.other != 'own'", true),
        ] {
            assert_eq!(result(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, expected) in [
            (
                "",
                "expected `options.NAME`, `mode.name` or `mode.class` at the end of `when`",
            ),
            (
                "options.db",
                "expected `==`, `!=` or `in` at the end of `when`",
            ),
            ("options.db = 'own'", "expected `==`, `!=` or `in`, not `=`"),
            ("options.db == own", "`own` needs quotes: `'own'`"),
            ("options.db == 'own", "a quote is not closed in `when`"),
            (
                "options.db == 'own' &&",
                "expected `and`, `or` or the end, not `&`",
            ),
            ("(options.db == 'own'", "expected `)` at the end of `when`"),
            (
                "{{ options.db == 'own' }}",
                "`when` is an expression already: it takes no `{{ }}`",
            ),
            (
                "option.db == 'own'",
                "`option.db` is not known in `when`, which knows `options.NAME`, `mode.name` and `mode.class`",
            ),
            ("options.db in []", "expected a word in quotes, not `]`"),
            ("options.db not 'own'", "expected `in`, not `own`"),
        ] {
            assert_eq!(result(text), Err(expected.to_owned()), "{text}");
        }
        let deep = "not ".repeat(100) + "mode.name == 'a'";
        assert_eq!(result(&deep), Err("`when` is nested too deeply".to_owned()));
    }

    /// A random expression of the language.
    fn expression() -> impl Strategy<Value = String> {
        let subject = prop_oneof![Just("options.db"), Just("mode.name"), Just("mode.class")];
        let word = prop_oneof![Just("'own'"), Just("'shared'"), Just("\"test\"")];
        let leaf = (subject, word, 0..4u8).prop_map(|(subject, word, how)| match how {
            0 => format!("{subject} == {word}"),
            1 => format!("{word} != {subject}"),
            2 => format!("{subject} in [{word}, 'x']"),
            _ => format!("{subject} not in ({word}, 'x')"),
        });
        leaf.prop_recursive(4, 16, 2, |inner| {
            prop_oneof![
                inner.clone().prop_map(|one| format!("not {one}")),
                inner.clone().prop_map(|one| format!("({one})")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} and {b}")),
                (inner.clone(), inner).prop_map(|(a, b)| format!("{a} or {b}")),
            ]
        })
    }

    proptest! {
        #[test]
        fn minijinja_reads_it_alike(text in expression()) {
            let environment = minijinja::Environment::new();
            let theirs = environment.compile_expression(&text).and_then(|it| it.eval(minijinja::context! {
                options => minijinja::context! { db => "own" },
                mode => minijinja::context! { name => "test", class => "test" },
            }));
            prop_assert_eq!(theirs.map(|value| value.is_true()).ok(), result(&text).ok(), "{}", text);
        }

        #[test]
        fn no_text_panics(text in "[ -~\\PC]{0,40}") {
            let _ = result(&text);
        }
    }
}
