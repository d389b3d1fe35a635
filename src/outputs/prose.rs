//! The templates of `templates/`, filled: prose around data.
//!
//! They are minijinja's templates and use little of its language: `{{ name }}`, `{{ item.name }}`, `{% if %}` with
//! `not`, `elif` and `else`, `{% for item in list %}`, and `-` inside of a tag against the blanks beside it. That much is
//! read here while the text is written: to compile the templates anew in every run, and to fill them, took a twentieth of
//! the instructions of a small build. Debug builds, and so all tests, hold every text against minijinja's.

#[cfg(debug_assertions)]
mod alike;

/// What a template is filled with. A name that it does not have is a mistake in the template.
pub trait Facts {
    /// Writes what stands behind a name, behind a text.
    fn put(&self, name: &str, out: &mut String);

    /// Whether a condition holds: of a text, that it is not empty.
    fn holds(&self, name: &str) -> bool {
        let mut text = String::new();
        self.put(name, &mut text);
        !text.is_empty()
    }

    /// Hands over each item of a list.
    fn each(&self, list: &str, take: &mut dyn FnMut(&dyn Facts)) {
        let _ = take;
        unknown(list);
    }
}

/// An item that is a text.
impl Facts for &str {
    fn put(&self, _: &str, out: &mut String) {
        out.push_str(self);
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

/// Writes a template, filled, behind a text.
pub fn fill(template: &'static str, facts: &dyn Facts, out: &mut String) {
    let start = out.len();
    let root = Scope {
        item: "",
        facts,
        outer: None,
    };
    // The line end of the file is not one of the text.
    let rest = template.strip_suffix('\n').unwrap_or(template);
    let mut filling = Filling { rest, out };
    let end = filling.block(Some(&root));
    debug_assert_eq!(end, "");
    #[cfg(debug_assertions)]
    assert_eq!(alike::text(template, facts), out[start..]);
    let _ = start;
}

/// A template filled, as a text of its own.
pub fn filled(template: &'static str, facts: &dyn Facts) -> String {
    let mut text = String::with_capacity(template.len() * 2);
    fill(template, facts, &mut text);
    text
}

/// What names mean inside a loop, or outside of all.
struct Scope<'a> {
    /// What the loop calls its item.
    item: &'a str,
    facts: &'a dyn Facts,
    outer: Option<&'a Scope<'a>>,
}

impl Scope<'_> {
    /// Whose name it is, and how it is called there.
    fn find<'p>(&self, path: &'p str) -> (&dyn Facts, &'p str) {
        let (item, name) = path.split_once('.').unwrap_or((path, ""));
        let mut scope = self;
        while let Some(outer) = scope.outer {
            if scope.item == item {
                return (scope.facts, name);
            }
            scope = outer;
        }
        (scope.facts, path)
    }

    fn holds(&self, condition: &str) -> bool {
        let (path, expected) = match condition.strip_prefix("not ") {
            Some(path) => (path, false),
            None => (condition, true),
        };
        let (facts, name) = self.find(path);
        facts.holds(name) == expected
    }
}

/// A tag of a template.
enum Tag<'t> {
    /// `{{ path }}`
    Value(&'t str),
    /// `{% if condition %}`
    If(&'t str),
    /// `{% for item in list %}`
    For(&'t str, &'t str),
    /// What ends a block: its words, and nothing at the end of the template.
    End(&'t str),
}

/// A template on its way to a text.
struct Filling<'t, 'o> {
    rest: &'t str,
    out: &'o mut String,
}

impl<'t> Filling<'t, '_> {
    /// Writes up to the tag that ends the block, which it gives back. Without a scope the block is passed over.
    fn block(&mut self, scope: Option<&Scope>) -> &'t str {
        loop {
            let (text, tag) = next(&mut self.rest);
            if scope.is_some() {
                self.out.push_str(text);
            }
            match tag {
                Tag::Value(path) => self.value(path, scope),
                Tag::If(condition) => self.choice(condition, scope),
                Tag::For(item, list) => self.each(item, list, scope),
                Tag::End(words) => return words,
            }
        }
    }

    fn value(&mut self, path: &str, scope: Option<&Scope>) {
        let Some(scope) = scope else {
            return;
        };
        match path.strip_prefix('\'') {
            Some(text) => self.out.push_str(text.trim_end_matches('\'')),
            None => {
                let (facts, name) = scope.find(path);
                facts.put(name, self.out);
            }
        }
    }

    /// Writes the first branch whose condition holds.
    fn choice(&mut self, mut condition: &'t str, mut scope: Option<&Scope>) {
        loop {
            let chosen = scope.filter(|scope| scope.holds(condition));
            scope = scope.filter(|_| chosen.is_none());
            let end = self.block(chosen);
            match end.strip_prefix("elif ") {
                Some(other) => condition = other,
                None if end == "else" => {
                    self.block(scope);
                    return;
                }
                None => return,
            }
        }
    }

    fn each(&mut self, item: &str, list: &str, scope: Option<&Scope>) {
        let start = self.rest;
        if let Some(scope) = scope {
            let (owner, name) = scope.find(list);
            owner.each(name, &mut |facts| {
                self.rest = start;
                self.block(Some(&Scope {
                    item,
                    facts,
                    outer: Some(scope),
                }));
            });
        }
        if self.rest.len() == start.len() {
            self.block(None);
        }
    }
}

/// Cuts off the text before the next tag, and that tag.
fn next<'t>(rest: &mut &'t str) -> (&'t str, Tag<'t>) {
    let Some(start) = tag_start(rest) else {
        return (std::mem::take(rest), Tag::End(""));
    };
    let (mut text, tag) = rest.split_at(start);
    // Nothing in a tag holds a `}`.
    let Some(end) = tag.find('}').filter(|end| *end > 2) else {
        return (std::mem::take(rest), Tag::End(""));
    };
    let is_value = tag.starts_with("{{");
    let (mut words, behind) = match is_value {
        true => (&tag[2..end], tag.get(end + 2..)),
        false => (&tag[2..end - 1], tag.get(end + 1..)),
    };
    *rest = behind.unwrap_or_default();
    if let Some(inner) = words.strip_prefix('-') {
        (words, text) = (inner, text.trim_end());
    }
    if let Some(inner) = words.strip_suffix('-') {
        (words, *rest) = (inner, rest.trim_start());
    }
    let words = words.trim_ascii();
    match is_value {
        true => (text, Tag::Value(words)),
        false => (text, statement(words)),
    }
}

fn statement(words: &str) -> Tag<'_> {
    if let Some(condition) = words.strip_prefix("if ") {
        return Tag::If(condition);
    }
    let item_of = words.strip_prefix("for ");
    match item_of.and_then(|item_of| item_of.split_once(" in ")) {
        Some((item, list)) => Tag::For(item, list),
        None => Tag::End(words),
    }
}

fn tag_start(text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(brace) = text[from..].find('{') {
        from += brace + 1;
        if matches!(text.as_bytes().get(from), Some(b'{' | b'%')) {
            return Some(from - 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A few names, and a list of two modes of which one has jobs.
    struct Few;

    impl Facts for Few {
        fn put(&self, name: &str, out: &mut String) {
            match name {
                "name" => out.push_str("a {{ b }}"),
                "empty" => {}
                name => unknown(name),
            }
        }

        fn holds(&self, name: &str) -> bool {
            name == "yes"
        }

        fn each(&self, list: &str, take: &mut dyn FnMut(&dyn Facts)) {
            match list {
                "modes" => {
                    take(&Mode("prod", &["init", "seed"]));
                    take(&Mode("test", &[]));
                }
                "none" => {}
                list => unknown(list),
            }
        }
    }

    struct Mode(&'static str, &'static [&'static str]);

    impl Facts for Mode {
        fn put(&self, name: &str, out: &mut String) {
            assert_eq!(name, "name");
            out.push_str(self.0);
        }

        fn holds(&self, name: &str) -> bool {
            assert_eq!(name, "jobs");
            !self.1.is_empty()
        }

        fn each(&self, list: &str, take: &mut dyn FnMut(&dyn Facts)) {
            assert_eq!(list, "jobs");
            each_text(self.1, take);
        }
    }

    /// Whatever is filled is held against minijinja's text, too.
    #[test]
    fn templates_are_filled() {
        for (template, expected) in [
            ("", ""),
            ("a\n", "a"),
            ("a\n\n", "a\n"),
            ("{{ name }}-{{name}}{{ empty }}.", "a {{ b }}-a {{ b }}."),
            ("a \n {{- name -}} \n b", "aa {{ b }}b"),
            ("{ %} {{ '{{' }}json .State}}", "{ %} {{json .State}}"),
            ("{% if yes %}a{% else %}b{% endif %}", "a"),
            ("{% if no %}a{% else %}b{% endif %}", "b"),
            ("{% if not no %}a{% endif %}", "a"),
            (
                "{% if no %}a{% elif yes %}b{% elif yes %}c{% else %}d{% endif %}",
                "b",
            ),
            (
                "{% if no %}{% if yes %}a{% endif %}{% for m in modes %}{{ m.name }}{% endfor %}{% else %}b{% endif %}",
                "b",
            ),
            ("a{% for m in none %}{{ m.name }}{% endfor %}b", "ab"),
            (
                "{% for m in modes %}\n{{ m.name }}{{ name }}:\n{%- for j in m.jobs %} {{ j }} of {{ m.name }}{% endfor %}{% endfor %}",
                "\nproda {{ b }}: init of prod seed of prod\ntesta {{ b }}:",
            ),
            (
                "{% for m in modes %}{% if m.jobs %}{{ m.name }}{% endif %}{% endfor %}",
                "prod",
            ),
        ] {
            assert_eq!(filled(template, &Few), expected, "{template}");
        }
    }
}
