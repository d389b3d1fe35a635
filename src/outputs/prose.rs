//! The templates of `templates/`, filled: prose around data.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use minijinja::{Environment, UndefinedBehavior, Value};

/// A template, compiled when it is first filled.
pub struct Template {
    source: &'static str,
    compiled: OnceLock<Environment<'static>>,
}

impl Template {
    /// The template of this text.
    pub const fn new(source: &'static str) -> Self {
        Template {
            source,
            compiled: OnceLock::new(),
        }
    }

    /// The text that comes of it.
    pub fn filled(&self, facts: &dyn Facts) -> String {
        let compiled = self.compiled.get_or_init(|| compiled(self.source));
        let template = compiled.get_template(NAME);
        let text = template.and_then(|template| template.render(facts.value()));
        // A template that is not as it should be is seen by every test; there is nothing to say to a user.
        debug_assert!(text.is_ok(), "{text:?}");
        text.unwrap_or_default()
    }
}

/// What a template is called in its environment, which has no other.
const NAME: &str = "template";

/// Without filters, tests and functions: templates use none, and to take them in takes as long as to compile a template.
fn compiled(source: &'static str) -> Environment<'static> {
    let mut environment = Environment::empty();
    // A name that nothing is known of is a mistake.
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let added = environment.add_template(NAME, source);
    debug_assert!(added.is_ok(), "{added:?}");
    environment
}

/// The names that a template may use.
pub struct Names {
    /// Texts. As a condition: whether it holds anything.
    pub texts: &'static [&'static str],
    /// Conditions that are nothing else.
    pub conditions: &'static [&'static str],
    /// Lists. As a condition: whether there is an item.
    pub lists: &'static [&'static str],
}

/// What a template is filled with.
pub trait Facts {
    /// What there is.
    fn names(&self) -> &'static Names;

    /// Writes a text, behind another.
    fn put(&self, name: &str, out: &mut String);

    /// Whether a condition holds.
    fn holds(&self, name: &str) -> bool {
        unknown(name);
        false
    }

    /// Hands over each item of a list.
    fn each(&self, list: &str, take: &mut dyn FnMut(&dyn Facts)) {
        let _ = take;
        unknown(list);
    }

    /// All of it, as templates take it.
    fn value(&self) -> Value {
        let Names {
            texts,
            conditions,
            lists,
        } = self.names();
        let texts = texts.iter().map(|name| (*name, text(self, name)));
        let conditions = conditions
            .iter()
            .map(|name| (*name, Value::from(self.holds(name))));
        let lists = lists.iter().map(|name| (*name, items(self, name)));
        let all: BTreeMap<&str, Value> = texts.chain(conditions).chain(lists).collect();
        Value::from(all)
    }
}

fn text<F: Facts + ?Sized>(facts: &F, name: &str) -> Value {
    let mut text = String::new();
    facts.put(name, &mut text);
    Value::from(text)
}

fn items<F: Facts + ?Sized>(facts: &F, list: &str) -> Value {
    let mut items = Vec::new();
    facts.each(list, &mut |item| items.push(item.value()));
    Value::from(items)
}

/// An item that is a text.
impl Facts for &str {
    fn names(&self) -> &'static Names {
        &Names {
            texts: &[],
            conditions: &[],
            lists: &[],
        }
    }

    fn put(&self, _: &str, out: &mut String) {
        out.push_str(self);
    }

    fn value(&self) -> Value {
        Value::from(*self)
    }
}

/// A name that nothing is known of. Every test sees it; there is nothing to say to a user.
pub fn unknown(name: &str) {
    debug_assert!(false, "a template asks for `{name}`");
}

/// Hands over each of some texts.
pub fn each_text<T: AsRef<str>>(texts: &[T], take: &mut dyn FnMut(&dyn Facts)) {
    for text in texts {
        take(&text.as_ref());
    }
}
