//! Braces that mean something to others, in a catalog.

/// A text of Compose's in a catalog: `{{` and `{%` would be expressions there, also within a quoted text of one.
pub fn escaped(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
        let (before, after) = rest.split_at(at);
        result.push_str(before);
        let mark = &after[..2];
        // Docker's own templates stay as they are.
        match after.find("}}").filter(|_| after.starts_with("{{.")) {
            Some(end) => {
                result.push_str(&after[..end + 2]);
                rest = &after[end + 2..];
            }
            None => {
                result.push_str(match mark {
                    "{{" => "{{ '{{' }}",
                    _ => "{{ '{' }}%",
                });
                rest = &after[2..];
            }
        }
    }
    result + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_of_others_are_no_expressions() {
        for (text, expected) in [
            ("a", "a"),
            ("{{.Name}}-{{ x }}", "{{.Name}}-{{ '{{' }} x }}"),
            ("{% if %}", "{{ '{' }}% if %}"),
            ("{{.a", "{{ '{{' }}.a"),
        ] {
            assert_eq!(escaped(text), expected);
        }
    }
}
