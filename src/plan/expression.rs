//! One `{{ }}`. What most expressions are (`influx.bucket`, `url('influxdb')`, `url('x') | default('')`) is read here
//! in a few nanoseconds; everything else is minijinja's, and a test holds that both give the same.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use minijinja::value::Value;
use minijinja::{Environment, ErrorKind, UndefinedBehavior};

/// A function of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Function {
    /// The address inside the network, `http://name:port`.
    Url,
    /// The name inside the network.
    Host,
    /// The first container port.
    Port,
    /// The first port on the host.
    Published,
}

impl Function {
    /// All of them.
    pub const ALL: [Function; 4] = [
        Function::Url,
        Function::Host,
        Function::Port,
        Function::Published,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Function::Url => "url",
            Function::Host => "host",
            Function::Port => "port",
            Function::Published => "published",
        }
    }

    fn named(name: &str) -> Option<Function> {
        Function::ALL
            .into_iter()
            .find(|function| function.name() == name)
    }
}

/// What a name or a function gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<'a> {
    /// A text.
    Text(Cow<'a, str>),
    /// Nothing, with the reason: `| default('')` is the way out.
    Undefined(String),
    /// A mistake, with the reason and perhaps the next step.
    Wrong(String, Option<String>),
}

impl Answer<'_> {
    fn owned(self) -> Answer<'static> {
        match self {
            Answer::Text(text) => Answer::Text(Cow::Owned(text.into_owned())),
            Answer::Undefined(reason) => Answer::Undefined(reason),
            Answer::Wrong(reason, help) => Answer::Wrong(reason, help),
        }
    }
}

/// What an expression may ask for.
pub trait Asked {
    /// The value of a path such as `influx.bucket`.
    fn path(&self, path: &str) -> Answer<'_>;
    /// A function of a service; of the service itself without an argument.
    fn function(&self, function: Function, service: Option<&str>) -> Answer<'_>;
    /// Told where an expression asks for something of the service at which it stands in a way that `path` does not see.
    fn asks_for_service(&self);
    /// Every path that has a value, for what minijinja evaluates.
    fn all(&self) -> Vec<(String, Answer<'_>)>;
}

/// Evaluates an expression.
pub fn evaluate<'a>(expression: &'a str, asked: &'a dyn Asked) -> Answer<'a> {
    match Simple::read(expression) {
        Some(simple) => simple.answer(asked),
        None => with_minijinja(expression, asked),
    }
}

/// The expressions that most are.
#[derive(Debug, PartialEq, Eq)]
struct Simple<'e> {
    term: Term<'e>,
    default: Option<&'e str>,
}

#[derive(Debug, PartialEq, Eq)]
enum Term<'e> {
    Path(&'e str),
    Call(Function, Option<&'e str>),
}

impl<'e> Simple<'e> {
    fn read(expression: &'e str) -> Option<Self> {
        let (term, default) = match cut_at(expression, b'|') {
            Some((term, filter)) => (term, Some(default_of(filter)?)),
            None => (expression, None),
        };
        let term = trimmed(term);
        let term = match cut_at(term, b'(') {
            Some((name, rest)) => {
                let argument = trimmed(rest.strip_suffix(')')?);
                let argument = match argument {
                    "" => None,
                    quoted => Some(unquoted(quoted)?),
                };
                Term::Call(Function::named(trimmed(name))?, argument)
            }
            None if is_path(term) => Term::Path(term),
            None => return None,
        };
        Some(Simple { term, default })
    }

    fn answer(&self, asked: &'e dyn Asked) -> Answer<'e> {
        let answer = match self.term {
            Term::Path(path) => asked.path(path),
            Term::Call(function, service) => asked.function(function, service),
        };
        match (answer, self.default) {
            (Answer::Undefined(_), Some(default)) => Answer::Text(Cow::Borrowed(default)),
            (answer, _) => answer,
        }
    }
}

/// What stands before and behind the first of a byte. Expressions are short: a plain loop beats a searcher that is set
/// up.
fn cut_at(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|other| other == byte)?;
    Some((&text[..at], &text[at + 1..]))
}

/// The text without blanks around it, which are mostly one on each side.
fn trimmed(text: &str) -> &str {
    let inner = text.trim_ascii();
    match inner.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => inner,
        _ => inner.trim(),
    }
}

fn default_of(filter: &str) -> Option<&str> {
    let argument = trimmed(filter).strip_prefix("default")?.trim_start();
    unquoted(trimmed(argument.strip_prefix('(')?.strip_suffix(')')?))
}

/// A quoted text without anything that would need unescaping.
fn unquoted(text: &str) -> Option<&str> {
    let inner = match *text.as_bytes() {
        [first @ (b'\'' | b'"'), .., last] if first == last => &text[1..text.len() - 1],
        _ => return None,
    };
    let is_mark = |byte: u8| matches!(byte, b'\'' | b'"' | b'\\');
    (!inner.bytes().any(is_mark)).then_some(inner)
}

fn is_path(text: &str) -> bool {
    let word = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && word
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !matches!(
                word,
                "true" | "false" | "none" | "not" | "in" | "and" | "or" | "is" | "if"
            )
    };
    text.split('.').all(word)
}

type Call = (Function, Option<String>);

/// What minijinja's functions were asked, and what is known already: a function of minijinja owns what it sees, so
/// an expression is evaluated, what it asked is answered, and it is evaluated again until it asks nothing new.
#[derive(Default)]
struct Calls {
    known: BTreeMap<Call, Answer<'static>>,
    asked: Vec<Call>,
}

fn with_minijinja<'a>(expression: &str, asked: &'a dyn Asked) -> Answer<'a> {
    let calls = Arc::new(Mutex::new(Calls::default()));
    // None of minijinja's filters and tests but the one that the language has.
    let mut environment = Environment::empty();
    environment.add_filter("default", minijinja::filters::default);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    for function in Function::ALL {
        let calls = Arc::clone(&calls);
        environment.add_function(function.name(), move |service: Option<String>| {
            call(&calls, (function, service))
        });
    }
    let compiled = match environment.compile_expression(expression) {
        Ok(compiled) => compiled,
        Err(error) => return Answer::Wrong(syntax(expression, &error), None),
    };
    // A set without an order: the first in the expression is told, in every run.
    let mut names: Vec<String> = compiled.undeclared_variables(true).into_iter().collect();
    names.sort_by_cached_key(|name| (expression.find(name.as_str()), name.clone()));
    for name in names {
        let first = name.split('.').next().unwrap_or(&name);
        if first == "service" {
            asked.asks_for_service();
        }
        let known = Function::named(first).is_some() || is_known(first, &name, asked);
        if !known && let Answer::Wrong(message, help) = asked.path(&name) {
            return Answer::Wrong(message, help);
        }
    }
    let context = context(asked);
    loop {
        let result = compiled.eval(&context);
        let Ok(mut calls) = calls.lock() else {
            return Answer::Wrong(format!("`{expression}` could not be evaluated"), None);
        };
        let questions = std::mem::take(&mut calls.asked);
        if questions.is_empty() {
            return finished(expression, result, &calls.known);
        }
        for (function, service) in questions {
            let answer = asked.function(function, service.as_deref());
            calls.known.insert((function, service), answer.owned());
        }
    }
}

fn is_known(first: &str, name: &str, asked: &dyn Asked) -> bool {
    asked.all().iter().any(|(path, _)| {
        path == name
            || path
                .strip_prefix(first)
                .is_some_and(|rest| rest.starts_with('.') && name == first)
    })
}

fn call(calls: &Mutex<Calls>, call: Call) -> Result<Value, minijinja::Error> {
    let failed =
        |message: String| minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, message);
    let mut calls = calls
        .lock()
        .map_err(|_| failed("the evaluation broke off".to_owned()))?;
    match calls.known.get(&call) {
        Some(Answer::Text(text)) => Ok(Value::from(&**text)),
        Some(Answer::Undefined(_)) => Ok(Value::UNDEFINED),
        Some(Answer::Wrong(message, _)) => Err(failed(message.clone())),
        None => {
            calls.asked.push(call);
            Ok(Value::UNDEFINED)
        }
    }
}

fn syntax(expression: &str, error: &minijinja::Error) -> String {
    let detail = error.detail().unwrap_or("it is not an expression");
    format!("`{}` cannot be read: {detail}", expression.trim())
}

fn finished(
    expression: &str,
    result: Result<Value, minijinja::Error>,
    known: &BTreeMap<Call, Answer<'static>>,
) -> Answer<'static> {
    let wrong = known.values().find_map(|answer| match answer {
        Answer::Wrong(..) => Some(answer.clone()),
        Answer::Text(_) | Answer::Undefined(_) => None,
    });
    if let Some(wrong) = wrong {
        return wrong;
    }
    let reason = || {
        known.values().find_map(|answer| match answer {
            Answer::Undefined(reason) => Some(reason.clone()),
            Answer::Text(_) | Answer::Wrong(..) => None,
        })
    };
    if let Err(error) = &result
        && let Some(answer) = unknown(error)
    {
        return answer;
    }
    match result {
        Ok(value) if value.is_undefined() => Answer::Undefined(
            reason().unwrap_or_else(|| format!("`{}` is not defined", expression.trim())),
        ),
        Ok(value) => plain(expression, &value),
        Err(_) if reason().is_some() => Answer::Undefined(reason().unwrap_or_default()),
        Err(error) => {
            let detail = error
                .detail()
                .map_or_else(|| error.kind().to_string(), str::to_owned);
            Answer::Wrong(
                format!("`{}` cannot be evaluated: {detail}", expression.trim()),
                None,
            )
        }
    }
}

/// A filter or a test of minijinja's that the language does not have.
fn unknown(error: &minijinja::Error) -> Option<Answer<'static>> {
    let name = error.detail()?.split_whitespace().nth(1)?;
    let message = match error.kind() {
        ErrorKind::UnknownFilter => format!("`{name}` is no filter of a `{{{{ }}}}`"),
        ErrorKind::UnknownTest => format!("`is {name}` is no test of a `{{{{ }}}}`"),
        _ => return None,
    };
    let help = "the only one is `default`, as in `{{ url('db') | default('') }}`";
    Some(Answer::Wrong(message, Some(help.to_owned())))
}

fn plain(expression: &str, value: &Value) -> Answer<'static> {
    use minijinja::value::ValueKind;
    match value.kind() {
        ValueKind::String | ValueKind::Number | ValueKind::Bool => {
            Answer::Text(Cow::Owned(value.to_string()))
        }
        _ => Answer::Wrong(format!("`{}` gives no text", expression.trim()), None),
    }
}

/// The paths as nested maps.
fn context(asked: &dyn Asked) -> Value {
    let mut root = Tree::default();
    for (path, answer) in asked.all() {
        if let Answer::Text(text) = answer {
            root.insert(&path, text.into_owned());
        }
    }
    root.value()
}

#[derive(Default)]
struct Tree {
    text: Option<String>,
    below: BTreeMap<String, Tree>,
}

impl Tree {
    fn insert(&mut self, path: &str, text: String) {
        match path.split_once('.') {
            Some((first, rest)) => self
                .below
                .entry(first.to_owned())
                .or_default()
                .insert(rest, text),
            None => self.below.entry(path.to_owned()).or_default().text = Some(text),
        }
    }

    fn value(self) -> Value {
        match self.text {
            Some(text) if self.below.is_empty() => Value::from(text),
            _ => {
                let below = self.below.into_iter();
                Value::from(
                    below
                        .map(|(key, tree)| (key, tree.value()))
                        .collect::<BTreeMap<String, Value>>(),
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Table;

    impl Asked for Table {
        fn path(&self, path: &str) -> Answer<'_> {
            match path {
                "influx.bucket" => Answer::Text("events".into()),
                "mode.name" => Answer::Text("test".into()),
                _ => Answer::Wrong(format!("`{path}` is not known here"), None),
            }
        }

        fn function(&self, function: Function, service: Option<&str>) -> Answer<'_> {
            match service {
                Some("gone") => Answer::Undefined("gone is not here".into()),
                Some("typo") => Answer::Wrong("nothing declares typo".into(), None),
                service => {
                    let service = service.unwrap_or("self");
                    Answer::Text(format!("{}-{service}", function.name()).into())
                }
            }
        }

        fn asks_for_service(&self) {}

        fn all(&self) -> Vec<(String, Answer<'_>)> {
            ["influx.bucket", "mode.name"]
                .map(|path| (path.to_owned(), self.path(path)))
                .to_vec()
        }
    }

    #[test]
    fn the_quick_reading_and_minijinja_agree() {
        let both = [
            "influx.bucket",
            " mode.name ",
            "url('db')",
            "port()",
            "published(\"db\")",
            "url('gone') | default('')",
            "host('gone')|default('none')",
            "url('gone')",
            "url('typo')",
            "url('db') | default('x')",
        ];
        for expression in both {
            let simple = Simple::read(expression).map(|simple| simple.answer(&Table));
            assert_eq!(
                simple,
                Some(with_minijinja(expression, &Table)),
                "{expression}"
            );
        }
    }

    #[test]
    fn minijinja_evaluates_the_rest() {
        let table = [
            ("'a' if mode.name == 'test' else 'b'", "a"),
            ("url('db') ~ '/x'", "url-db/x"),
            ("1 + 2", "3"),
            ("url('gone') | default(url('db'))", "url-db"),
        ];
        for (expression, expected) in table {
            assert_eq!(Simple::read(expression), None, "{expression}");
            assert_eq!(
                evaluate(expression, &Table),
                Answer::Text(expected.into()),
                "{expression}"
            );
        }
    }

    #[test]
    fn what_cannot_be_evaluated_says_why() {
        let wrong = |expression: &str| match evaluate(expression, &Table) {
            Answer::Wrong(message, _) => message,
            other => format!("{other:?}"),
        };
        assert_eq!(
            wrong("nothing.there | upper"),
            "`nothing.there` is not known here"
        );
        assert_eq!(
            wrong("influx.bucket | upper"),
            "`upper` is no filter of a `{{ }}`"
        );
        assert_eq!(
            wrong("url('gone') | upper"),
            "`upper` is no filter of a `{{ }}`"
        );
        assert_eq!(
            wrong("influx.bucket is defined"),
            "`is defined` is no test of a `{{ }}`"
        );
        assert_eq!(wrong("nothing"), "`nothing` is not known here");
        assert_eq!(wrong("[1, 2]"), "`[1, 2]` gives no text");
        assert!(wrong("1 +").starts_with("`1 +` cannot be read: "));
    }
}
