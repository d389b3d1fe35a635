//! The templates of `templates/`, filled: prose around data.

use std::fmt;
use std::sync::{Arc, OnceLock};

use minijinja::value::{Object, ObjectRepr};
use minijinja::{Environment, UndefinedBehavior, Value};

/// A template, compiled when it is first filled.
pub struct Template {
    source: &'static str,
    /// The long texts at which it is cut, in the order in which it asks for them: each is written when its turn comes.
    long: &'static [&'static str],
    compiled: OnceLock<Environment<'static>>,
}

impl Template {
    /// The template of this text.
    pub const fn new(source: &'static str) -> Self {
        Template::cut(source, &[])
    }

    /// The same, cut where it asks for a long text: `{{ name }}` of each of these, once and in this order, on a line of
    /// its own.
    pub const fn cut(source: &'static str, long: &'static [&'static str]) -> Self {
        Template {
            source,
            long,
            compiled: OnceLock::new(),
        }
    }

    /// The text that comes of one that is not cut.
    pub fn filled(&self, facts: Value) -> String {
        self.piece(LAST, facts)
    }

    /// Gives what comes of it to `take`, piece by piece: the texts between the long ones, and the name of each of these
    /// where it stands. The last line has its end.
    pub fn each(&self, facts: &Value, take: &mut dyn FnMut(Piece)) {
        // A template loses the end of its last line.
        let text = |name| self.piece(name, facts.clone()) + "\n";
        for name in self.long {
            take(Piece::Text(&text(name)));
            take(Piece::Long(name));
        }
        take(Piece::Text(&text(LAST)));
    }

    /// A template that is not as it should be, or asks for what there is not, is seen by every test; there is nothing to
    /// say to a user.
    fn piece(&self, name: &str, facts: Value) -> String {
        let compiled = self
            .compiled
            .get_or_init(|| compiled(self.source, self.long));
        let text = compiled.get_template(name).and_then(|template| {
            debug_assert_eq!(missing(&template.undeclared_variables(false), &facts), None);
            template.render(facts)
        });
        debug_assert!(text.is_ok(), "{text:?}");
        text.unwrap_or_default()
    }
}

/// A piece of what comes of a template.
pub enum Piece<'p> {
    /// A text.
    Text(&'p str),
    /// The long text of this name.
    Long(&'static str),
}

/// What the piece behind the last long text is called; the others are called after the long text behind them.
const LAST: &str = "template";

/// Without filters, tests and functions: templates use none, and to take them in takes as long as to compile a template.
fn compiled(source: &'static str, long: &[&'static str]) -> Environment<'static> {
    let mut environment = Environment::empty();
    if cfg!(debug_assertions) {
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
    }
    let mut rest = source;
    for name in long {
        let cut = rest.split_once(&*["{{ ", name, " }}"].concat());
        debug_assert!(
            cut.is_some_and(|(before, _)| before.ends_with('\n')),
            "{name}"
        );
        let (before, behind) = cut.unwrap_or((rest, ""));
        add(&mut environment, name, before);
        rest = behind;
    }
    add(&mut environment, LAST, rest);
    environment
}

fn add(environment: &mut Environment<'static>, name: &'static str, source: &'static str) {
    let added = environment.add_template(name, source);
    debug_assert!(added.is_ok(), "{added:?}");
}

/// A name that a template asks for somewhere and the facts do not have.
fn missing<'a>(asked: impl IntoIterator<Item = &'a String>, facts: &Value) -> Option<&'a str> {
    let is_missing = |name: &&String| facts.get_attr(name).is_ok_and(|it| it.is_undefined());
    asked.into_iter().find(is_missing).map(String::as_str)
}

/// What this writes, as templates take it.
pub fn written(write: impl FnOnce(&mut String)) -> Value {
    let mut text = String::new();
    write(&mut text);
    match text.len() {
        ..LONG => Value::from(text),
        _ => Value::from_object(Long(text)),
    }
}

/// A text of so many bytes is handed over as it is: as a value it would be copied.
const LONG: usize = 1024;

/// A long text.
#[derive(Debug)]
struct Long(String);

impl Object for Long {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use minijinja::context;

    use super::*;

    #[test]
    fn a_name_that_is_missing_is_found_in_every_branch() {
        let environment = compiled(
            "{{ a }}{% if a %}{{ b }}{% else %}{{ c }}{% endif %}\n",
            &[],
        );
        let template = environment.get_template(LAST).unwrap();
        let asked = template.undeclared_variables(false);
        assert_eq!(missing(&asked, &context! { a => 1, b => 2 }), Some("c"));
        assert_eq!(missing(&asked, &context! { a => 1, b => 2, c => 3 }), None);
    }

    #[test]
    fn a_template_is_cut_where_a_long_text_stands() {
        static TEMPLATE: Template = Template::cut(
            "{{ a }}:\n\n{{ one }}\n{%- if a %}\n\nand\n{%- endif %}\n\n{{ two }}\n",
            &["one", "two"],
        );
        let mut text = String::new();
        TEMPLATE.each(&context! { a => 1 }, &mut |piece| match piece {
            Piece::Text(piece) => text.push_str(piece),
            Piece::Long(name) => text.push_str(&name.to_uppercase()),
        });
        assert_eq!(text, "1:\n\nONE\n\nand\n\nTWO\n");
    }

    #[test]
    fn a_long_text_is_a_text_like_any_other() {
        static TEMPLATE: Template = Template::new("{% if text %}{{ text }}.{% endif %}\n");
        for length in [1, LONG - 1, LONG, LONG * 100] {
            let long = "<é>".repeat(length);
            let text = written(|out| out.push_str(&long));
            assert_eq!(TEMPLATE.filled(context! { text }), format!("{long}."));
        }
        let text = written(|_| {});
        assert_eq!(TEMPLATE.filled(context! { text }), "");
    }
}
