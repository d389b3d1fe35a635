//! What looks like a secret by itself, whatever its name: tokens of services that begin in a way of their own, private
//! keys.

use std::ops::Range;

use super::hashes::hashes;
use super::signs::{Signs, is_part};

/// The letters of a token behind its beginning.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    /// Letters and digits.
    Letters,
    /// Letters, digits, `-` and `_`.
    Words,
    /// The same, and `.`.
    Parts,
    /// Capital letters and digits.
    Capitals,
}

/// How the tokens of a service begin, how many letters follow at least, and which; what they are called.
struct Shape(&'static str, usize, Of, &'static str);

/// As the services document them, and scanners look for them.
const SHAPES: &[Shape] = &[
    Shape("AGE-SECRET-KEY-1", 50, Of::Capitals, "a key of age"),
    Shape("AIza", 30, Of::Words, "a Google API key"),
    Shape("AKIA", 16, Of::Capitals, "an AWS access key"),
    Shape("ASIA", 16, Of::Capitals, "an AWS access key"),
    Shape("GOCSPX-", 20, Of::Words, "a Google client secret"),
    Shape("NRAK-", 20, Of::Capitals, "a New Relic key"),
    Shape("PMAK-", 24, Of::Words, "a Postman key"),
    Shape("SG.", 40, Of::Parts, "a SendGrid key"),
    Shape("dckr_pat_", 10, Of::Words, "a Docker Hub token"),
    Shape("dop_v1_", 40, Of::Letters, "a DigitalOcean token"),
    Shape("ghp_", 16, Of::Letters, "a GitHub token"),
    Shape("gho_", 16, Of::Letters, "a GitHub token"),
    Shape("ghr_", 16, Of::Letters, "a GitHub token"),
    Shape("ghs_", 16, Of::Parts, "a GitHub token"),
    Shape("ghu_", 16, Of::Letters, "a GitHub token"),
    Shape("github_pat_", 16, Of::Words, "a GitHub token"),
    Shape("glpat-", 10, Of::Parts, "a GitLab token"),
    Shape("glptt-", 10, Of::Words, "a GitLab token"),
    Shape("glrt-", 10, Of::Parts, "a GitLab token"),
    Shape("glsa_", 20, Of::Words, "a Grafana token"),
    Shape("hf_", 20, Of::Letters, "a Hugging Face token"),
    Shape("hvs.", 16, Of::Words, "a Vault token"),
    Shape("npm_", 20, Of::Letters, "an npm token"),
    Shape("nvapi-", 20, Of::Words, "an NVIDIA key"),
    Shape("pypi-", 40, Of::Words, "a PyPI token"),
    Shape("rk_live_", 10, Of::Letters, "a Stripe key"),
    Shape("shpat_", 20, Of::Letters, "a Shopify token"),
    Shape("sk-ant-", 16, Of::Words, "an Anthropic key"),
    Shape("sk-", 20, Of::Letters, "an OpenAI key"),
    Shape("sk-proj-", 16, Of::Words, "an OpenAI key"),
    Shape("sk_live_", 10, Of::Letters, "a Stripe key"),
    Shape("sk_test_", 10, Of::Letters, "a Stripe key"),
    Shape("tskey-", 12, Of::Words, "a Tailscale key"),
    Shape("whsec_", 16, Of::Letters, "a Stripe secret"),
    Shape("xapp-", 10, Of::Words, "a Slack token"),
    Shape("xoxa-", 10, Of::Words, "a Slack token"),
    Shape("xoxb-", 10, Of::Words, "a Slack token"),
    Shape("xoxp-", 10, Of::Words, "a Slack token"),
    Shape("xoxr-", 10, Of::Words, "a Slack token"),
    Shape("xoxs-", 10, Of::Words, "a Slack token"),
];

/// Addresses whose path lets whoever knows it send messages, up to where that path begins.
const HOOKS: &[(&str, &str)] = &[
    ("hooks.slack.com/services/", "the path of a Slack webhook"),
    ("discord.com/api/webhooks/", "the path of a Discord webhook"),
    (
        "discordapp.com/api/webhooks/",
        "the path of a Discord webhook",
    ),
];

/// The shortest token: a text that is shorter holds none.
pub(super) const SHORTEST: usize = 18;

/// So many different letters at least a token has: fewer are crossed out.
const DIFFERENT: usize = 6;

impl Of {
    fn holds(self, byte: u8) -> bool {
        match self {
            Of::Letters => byte.is_ascii_alphanumeric(),
            Of::Words => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'),
            Of::Parts => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'),
            Of::Capitals => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
        }
    }
}

/// The tokens in a text of these signs, and what they are.
pub(super) fn tokens(text: &str, signs: Signs) -> Vec<(Range<usize>, &'static str)> {
    match signs.may_hold_shape() {
        true => all(text, signs),
        false => Vec::new(),
    }
}

fn all(text: &str, signs: Signs) -> Vec<(Range<usize>, &'static str)> {
    let mut found = match signs.may_hold_token() {
        true => runs(text),
        false => Vec::new(),
    };
    if signs.may_hold_hook() {
        found.extend(hooks(text));
    }
    if signs.may_hold_hash() {
        found.extend(hashes(text));
    }
    found
}

/// The tokens that are one run of letters.
fn runs(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let end = at
            + bytes[at..]
                .iter()
                .position(|byte| !is_part(*byte))
                .unwrap_or(bytes.len() - at);
        if end - at >= SHORTEST
            && let Some((len, what)) = token(&text[at..end])
        {
            found.push((at..at + len, what));
        } else if let Some((range, what)) = bot_token(text, at..end) {
            found.push((range, what));
        }
        at = end + 1;
    }
    found
}

/// The paths of webhooks in a text.
fn hooks(text: &str) -> Vec<(Range<usize>, &'static str)> {
    if !text.contains("hooks") {
        return Vec::new();
    }
    let of = |(start, what): &(&'static str, &'static str)| {
        let what = *what;
        let begins = text.match_indices(start).map(|(at, _)| at + start.len());
        begins
            .filter_map(move |at| Some((at..at + hook_path(&text[at..])?, what)))
            .collect::<Vec<_>>()
    };
    HOOKS.iter().flat_map(of).collect()
}

/// The length of the path behind the beginning of a webhook: numbers or names of what it is about, then the secret.
fn hook_path(rest: &str) -> Option<usize> {
    let is_part = |byte: u8| Of::Words.holds(byte) || byte == b'/';
    let len = rest
        .bytes()
        .position(|byte| !is_part(byte))
        .unwrap_or(rest.len());
    let path = rest[..len].trim_end_matches('/');
    let (_, secret) = path.rsplit_once('/')?;
    let mut letters: Vec<u8> = path.bytes().collect();
    letters.sort_unstable();
    letters.dedup();
    (secret.len() >= 16 && letters.len() >= DIFFERENT).then_some(path.len())
}

/// The length of the token with which a word begins, and what it is.
fn token(word: &str) -> Option<(usize, &'static str)> {
    let first = *word.as_bytes().first()?;
    if word.starts_with("eyJ") {
        return web_token(word).map(|len| (len, "a JSON web token"));
    }
    SHAPES.iter().find_map(|Shape(start, least, of, what)| {
        let rest = (start.as_bytes()[0] == first).then(|| word.strip_prefix(start))??;
        let len = rest
            .bytes()
            .position(|byte| !of.holds(byte))
            .unwrap_or(rest.len());
        let body = rest[..len].trim_end_matches('.');
        // What goes on with other letters is a name.
        let ends = len == rest.len() || rest.as_bytes()[len] == b'.';
        (ends && body.len() >= *least && is_random(body)).then(|| (start.len() + body.len(), *what))
    })
}

/// Whether letters are none that a person makes up to show what a token looks like.
fn is_random(body: &str) -> bool {
    let lower = body.to_ascii_lowercase();
    let mut letters: Vec<u8> = lower.bytes().collect();
    letters.sort_unstable();
    letters.dedup();
    let speaks = [
        "example",
        "xxxx",
        "your",
        "placeholder",
        "changeme",
        "redacted",
    ];
    body.bytes().any(|byte| byte.is_ascii_digit())
        && letters.len() >= DIFFERENT
        && !speaks.iter().any(|word| lower.contains(word))
}

/// The length of a JSON web token (RFC 7519): a header that is JSON in Base64, a body, and a signature that may be empty.
fn web_token(word: &str) -> Option<usize> {
    let mut parts = word.split('.');
    let (head, body) = (parts.next()?, parts.next()?);
    let signature = parts.next()?;
    let is_one = head.len() >= 12 && body.len() >= 8 && body.starts_with("eyJ") && is_random(word);
    is_one.then(|| head.len() + body.len() + signature.len() + 2)
}

/// `digits:letters`, as the bots of Telegram have it: the digits are the number of the bot.
fn bot_token(text: &str, number: Range<usize>) -> Option<(Range<usize>, &'static str)> {
    let is_number = (8..=10).contains(&number.len())
        && text[number.clone()]
            .bytes()
            .all(|byte| byte.is_ascii_digit());
    let rest = text
        .get(number.end..)?
        .strip_prefix(':')
        .filter(|_| is_number)?;
    let len = rest
        .bytes()
        .position(|byte| !Of::Words.holds(byte))
        .unwrap_or(rest.len());
    let is_one = len == 35 && rest.starts_with("AA");
    is_one.then(|| (number.start..number.end + 1 + len, "a Telegram bot's token"))
}

/// The private keys in a text (RFC 7468), each with its first and last line; one without an end reaches to the text's.
pub fn private_keys(text: &str) -> Vec<Range<usize>> {
    const BEGIN: &str = "-----BEGIN ";
    const END: &str = "-----END ";
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find(BEGIN).map(|at| from + at) {
        let head = &text[at + BEGIN.len()..];
        let Some(label) = head.find("-----").map(|len| &head[..len]) else {
            break;
        };
        from = at + BEGIN.len() + label.len();
        if !label.contains("PRIVATE KEY") || label.contains('\n') {
            continue;
        }
        let last = text[from..].find(END).map(|end| from + end + END.len());
        let end = last.and_then(|last| Some(last + text[last..].find("-----")? + "-----".len()));
        let end = end.unwrap_or(text.len());
        found.push(at..end);
        from = end;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        tokens(text, Signs::of(text))
            .into_iter()
            .map(|(at, _)| &text[at])
            .collect()
    }

    #[test]
    fn tokens_are_known_by_how_they_begin() {
        for (text, token) in [
            ("ghp_abcdefghij0123456789", "ghp_abcdefghij0123456789"),
            ("A=xoxb-2401-abcdefghij, b", "xoxb-2401-abcdefghij"),
            ("AKIAABCDEFGHIJKLMN01", "AKIAABCDEFGHIJKLMN01"),
            (
                "https://me:glpat-Ab3dEf6hIj9kLm@git/x",
                "glpat-Ab3dEf6hIj9kLm",
            ),
            ("pay with sk_live_Ab3dEf6hIj9k.", "sk_live_Ab3dEf6hIj9k"),
            (
                "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w",
                "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w",
            ),
        ] {
            assert_eq!(found(text), [token], "{text}");
        }
    }

    #[test]
    fn the_path_of_a_webhook_lets_in_whoever_knows_it() {
        for (text, expected) in [
            (
                "https://hooks.slack.com/services/T0A1/B0C2/a1B2c3D4e5F6g7H8i9J0 x",
                &["T0A1/B0C2/a1B2c3D4e5F6g7H8i9J0"][..],
            ),
            (
                "https://discord.com/api/webhooks/123456/Ab_3-dEf6hIj9kLmN0",
                &["123456/Ab_3-dEf6hIj9kLmN0"],
            ),
            (
                "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
                &[],
            ),
            ("https://hooks.slack.com/services/${SLACK}", &[]),
            ("https://hooks.slack.com/services/", &[]),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn the_token_of_a_bot_has_its_number_before_it() {
        let token = format!("1234567890:AA{}", "Zx9_".repeat(9).split_at(33).0);
        assert_eq!(found(&format!("bot {token}")), [token.as_str()]);
        assert_eq!(found("12345678:8080/a/long/path/behind/it"), [""; 0]);
    }

    #[test]
    fn what_only_looks_like_a_token_is_none() {
        for text in [
            "",
            "sk-learn-contrib-1.2.3-with-much-behind-it",
            "npm_config_cache=/var/cache/npm/12345678901",
            "example/api:1",
            "eyJ",
            "task-manager-ghp_abcdefghij0123456789",
            "AKIAIOSFODNN7EXAMPLE",
            "sk_live_xxxxxxxxxxxxxxxxxxxx1",
            "ghp_your_token_here_1234567890",
            "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "550e8400-e29b-41d4-a716-446655440000",
            "AKIA0123456789ABCDEF_and_more",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    fn one(range: Range<usize>) -> Vec<Range<usize>> {
        std::iter::once(range).collect()
    }

    #[test]
    fn a_private_key_reaches_to_its_last_line() {
        let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----";
        let text = format!("a {key} b");
        assert_eq!(private_keys(&text), one(2..2 + key.len()));
        assert_eq!(private_keys(&text[..20]), []);
        assert_eq!(private_keys(&text[..40]), one(2..40));
        assert_eq!(
            private_keys("-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----"),
            []
        );
    }
}
