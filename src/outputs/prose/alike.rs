//! The same text by minijinja itself, for comparison.

use std::collections::BTreeMap;

use minijinja::{Environment, Value};

use super::{Facts, Tag, next};

/// The template, filled by minijinja.
pub(super) fn text(template: &str, facts: &dyn Facts) -> String {
    let asked = Asked::of(template);
    let text = Environment::new().render_str(template, asked.values("", facts));
    text.unwrap_or_else(|error| format!("{error:#}"))
}

/// What a template asks for.
struct Asked<'t> {
    texts: Vec<&'t str>,
    conditions: Vec<&'t str>,
    /// The loops: what an item is called, and the list.
    lists: Vec<(&'t str, &'t str)>,
}

impl<'t> Asked<'t> {
    fn of(template: &'t str) -> Self {
        let mut asked = Asked {
            texts: Vec::new(),
            conditions: Vec::new(),
            lists: Vec::new(),
        };
        let mut rest = template;
        while !rest.is_empty() {
            match next(&mut rest).1 {
                Tag::Value(path) if path.starts_with('\'') => {}
                Tag::Value(path) => asked.texts.push(path),
                Tag::If(condition) => asked.conditions.push(condition),
                Tag::For(item, list) => asked.lists.push((item, list)),
                Tag::End(words) => asked.conditions.extend(words.strip_prefix("elif ")),
            }
        }
        for condition in &mut asked.conditions {
            *condition = condition.strip_prefix("not ").unwrap_or(condition);
        }
        asked
    }

    /// All that is asked of an item, or of the whole.
    fn values(&self, item: &str, facts: &dyn Facts) -> Value {
        if !item.is_empty() && self.texts.contains(&item) {
            return Value::from(put("", facts));
        }
        let mut all: BTreeMap<String, Value> = BTreeMap::new();
        for name in self.names(&self.conditions, item) {
            all.insert(name.to_owned(), Value::from(facts.holds(name)));
        }
        for name in self.names(&self.texts, item) {
            all.insert(name.to_owned(), Value::from(put(name, facts)));
        }
        for (one, list) in &self.lists {
            if let Some(name) = self.name(list, item) {
                let mut items = Vec::new();
                facts.each(name, &mut |facts| items.push(self.values(one, facts)));
                all.insert(name.to_owned(), Value::from(items));
            }
        }
        Value::from(all)
    }

    fn names(&self, paths: &[&'t str], item: &str) -> Vec<&'t str> {
        let names = paths.iter().filter_map(|path| self.name(path, item));
        names.collect()
    }

    /// How a path is called there, where it is one of that item's.
    fn name(&self, path: &'t str, item: &str) -> Option<&'t str> {
        let (owner, name) = path.split_once('.').unwrap_or((path, ""));
        let is_item = self.lists.iter().any(|(one, _)| *one == owner);
        match is_item {
            true => (owner == item).then_some(name),
            false => item.is_empty().then_some(path),
        }
    }
}

fn put(name: &str, facts: &dyn Facts) -> String {
    let mut text = String::new();
    facts.put(name, &mut text);
    text
}
