use super::*;

fn secrets() -> Secrets {
    Secrets {
        names: Names {
            declared: ["PLAIN".to_owned()].into_iter().collect(),
        },
        known: Known::default(),
    }
}

/// What is shown of a file; composegen would write `wanted`.
fn shown(path: &str, there: &str, wanted: &str, by_hand: bool) -> String {
    let sheet = Sheet {
        path,
        there: there.as_bytes(),
        wanted: wanted.as_bytes(),
        by_hand,
    };
    let mut shown = secrets().shown(&[sheet]);
    String::from_utf8(shown.remove(0).there).unwrap()
}

#[track_caller]
fn assert_shown(by_hand: bool, path: &str, cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .map(|(there, expected)| (shown(path, there, "", by_hand), expected))
        .filter(|(shown, expected)| shown != *expected)
        .map(|(shown, expected)| format!("  left: {shown:?}\n right: {expected:?}\n"))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.concat());
}

#[test]
fn values_of_secrets_are_masked_wherever_they_stand_in_a_line() {
    assert_shown(
        false,
        "env",
        &[
            ("      - API_TOKEN=hidden\n", "      - API_TOKEN=***\n"),
            ("  API_TOKEN: \"hid den\"", "  API_TOKEN: ***"),
            (
                "environment: {PLAIN: hidden, B: c}",
                "environment: {PLAIN: ***",
            ),
            (
                "environment: {PLAIN: 'hidden', B: c}",
                "environment: {PLAIN: ***, B: c}",
            ),
            (
                "command: x --api-token=hidden y",
                "command: x --api-token=***",
            ),
            ("\"DB_PASSWORD\": 'hid\\den'", "\"DB_PASSWORD\": ***"),
            ("url: http://me:hidden@db:1/x", "url: http://me:***@db:1/x"),
            (
                "url: http://me:hid/den?@db:1/x",
                "url: http://me:***@db:1/x",
            ),
            ("url: http://db:80/a@b", "url: http://db:80/a@b"),
            (
                "url: http://me:${P:-hidden}@db:1/x",
                "url: http://me:***@db:1/x",
            ),
            ("url: http://me:${P}@db:1/x", "url: http://me:${P}@db:1/x"),
            (
                "url: http://db:1/x?token=hidden",
                "url: http://db:1/x?token=***",
            ),
            ("API_TOKEN=${API_TOKEN}", "API_TOKEN=${API_TOKEN}"),
            (
                "A=${API_TOKEN:?the token: hers}",
                "A=${API_TOKEN:?the token: hers}",
            ),
            ("A=${API_TOKEN:-hidden}/x", "A=${API_TOKEN:-***}/x"),
            ("A=${API_TOKEN:-}", "A=${API_TOKEN:-}"),
            ("API_TOKEN=${A:-hidden}", "API_TOKEN=***"),
            ("API_TOKEN=", "API_TOKEN="),
            ("TOKEN_URL: /x", "TOKEN_URL: /x"),
            ("image: nginx:1.27", "image: nginx:1.27"),
            ("password: /run/secrets/db", "password: /run/secrets/db"),
            ("x --api-token hidden y", "x --api-token ***"),
            (
                "[x, \"--api-token\", \"hidden\"]",
                "[x, \"--api-token\", ***]",
            ),
            (
                "x --api-token ${T} --password hidden",
                "x --api-token ${T} --password ***",
            ),
            ("x --api-token --quiet", "x --api-token --quiet"),
            (
                "redis-server --requirepass hidden",
                "redis-server --requirepass ***",
            ),
            (
                "curl -H \"Authorization: Bearer hidden\" x",
                "curl -H \"Authorization: ***\" x",
            ),
            (
                "a: 'Authorization: Basic hidden'",
                "a: 'Authorization: ***'",
            ),
            (
                "{name: API_TOKEN, value: hidden}",
                "{name: API_TOKEN, value: ***",
            ),
            (
                "{value: \"hidden\", key: API_TOKEN}",
                "{value: ***, key: API_TOKEN}",
            ),
            ("<password>hidden</password>", "<password>***"),
            ("SMTP_PASS: hidden", "SMTP_PASS: ***"),
            ("REDIS_AUTH: hidden77", "REDIS_AUTH: ***"),
            ("AUTH: oauth2", "AUTH: oauth2"),
            ("PAY: sk_live_Ab3dEf6hIj9k", "PAY: ***"),
            (
                "SAMPLE: AKIAIOSFODNN7EXAMPLE",
                "SAMPLE: AKIAIOSFODNN7EXAMPLE",
            ),
            (
                "A: \"Server=db;Password=hid,den;X=y\"",
                "A: \"Server=db;Password=***",
            ),
            ("curl -u me:hidden http://a", "curl -u me:*** http://a"),
            ("mysql -u root -phidden db", "mysql -u root -p*** db"),
            ("\"$PWD\":/to busybox tar", "\"$PWD\":/to busybox tar"),
            (
                "# Password of the administrator: make one up",
                "# Password of the administrator: make one up",
            ),
            ("#API_TOKEN=hidden", "#API_TOKEN=***"),
        ],
    );
}

#[test]
fn what_stands_of_a_secret_on_further_lines_is_masked() {
    assert_shown(
        false,
        "env",
        &[
            (
                "a:\n  API_TOKEN: |-\n    hidden\n\n    hidden\n  b: c\n",
                "a:\n  API_TOKEN: ***\n    ***\n\n    ***\n  b: c\n",
            ),
            (
                "API_TOKEN: !!str |\n  hidden\nb: c\n",
                "API_TOKEN: ***\n  ***\nb: c\n",
            ),
            (
                "API_TOKEN: hid\n  den\nb: c\n",
                "API_TOKEN: ***\n  ***\nb: c\n",
            ),
            ("API_TOKEN:\n  hidden\nb: c\n", "API_TOKEN:\n  ***\nb: c\n"),
            (
                "a: { API_TOKEN:\n  hidden }\nb: c",
                "a: { API_TOKEN:\n  ***\nb: c",
            ),
            (
                "- API_TOKEN=hid\n  den\n- B=c\n",
                "- API_TOKEN=***\n  ***\n- B=c\n",
            ),
            (
                "- API_TOKEN: hidden\n  b: c\n",
                "- API_TOKEN: ***\n  b: c\n",
            ),
            (
                "- \"API_TOKEN=hid\n  den\"\n- B=c\n",
                "- \"API_TOKEN=***\n  ***\n- B=c\n",
            ),
            (
                "API_TOKEN=\"hid\n\nden\"\nB=c\n",
                "API_TOKEN=***\n\n***\nB=c\n",
            ),
            (
                "- --api-token\n- hidden\n- b\n",
                "- --api-token\n- ***\n- b\n",
            ),
            (
                "- --api-token\n- ${T}\n- b\n",
                "- --api-token\n- ${T}\n- b\n",
            ),
            (
                "auth-token:\n  image: a\n  ports: [1]\n",
                "auth-token:\n  image: a\n  ports: [1]\n",
            ),
            ("db-password:\n  - a\n", "db-password:\n  - a\n"),
            (
                "-----BEGIN RSA PRIVATE KEY-----\nhidden\n-----END RSA PRIVATE KEY-----\nb\n",
                "***\n***\n***\nb\n",
            ),
        ],
    );
}

#[test]
fn what_belongs_together_in_the_tree_is_masked_together() {
    assert_shown(
        false,
        "a.yml",
        &[
            (
                "- name: API_TOKEN\n  value: hidden\n- name: B\n  value: c\n",
                "- name: API_TOKEN\n  value: ***\n- name: B\n  value: c\n",
            ),
            (
                "- value: hidden\n  key: API_TOKEN\n",
                "- value: ***\n  key: API_TOKEN\n",
            ),
            ("? API_TOKEN\n: hidden\n", "? API_TOKEN\n: ***\n"),
            (
                "x: &a hidden\nAPI_TOKEN: *a\n",
                "x: &a ***\nAPI_TOKEN: ***\n",
            ),
            (
                "x: &a {API_TOKEN: hidden}\ny:\n  <<: *a\n",
                "x: &a {API_TOKEN: ***\ny:\n  <<: *a\n",
            ),
            (
                "command: [redis-cli, -a, hidden, ping]\n",
                "command: [redis-cli, -a, ***, ping]\n",
            ),
            (
                "command:\n  - redis-cli\n  - -a\n  - hidden\n",
                "command:\n  - redis-cli\n  - -a\n  - ***\n",
            ),
            (
                "command: >\n  x --password\n  hidden\n",
                "command: >\n  ***\n  ***\n",
            ),
            ("c: \"API\\x5fTOKEN=hidden\"\n", "c: ***\n"),
            (
                "a:\n  b:\n    db-password:\n      - hidden\n",
                "a:\n  b:\n    db-password:\n      - ***\n",
            ),
            (
                "services:\n  auth-token:\n    image: a\nsecrets:\n  api_token:\n    environment: API_TOKEN\n    name: api_token\n",
                "services:\n  auth-token:\n    image: a\nsecrets:\n  api_token:\n    environment: API_TOKEN\n    name: api_token\n",
            ),
        ],
    );
}

#[test]
fn a_hint_is_enough_where_somebody_wrote_by_hand() {
    assert_shown(
        true,
        "a.yml",
        &[
            ("a:\n  pw: hidden\n  b: c\n", "a:\n  pw: ***\n  b: c\n"),
            (
                "a:\n  b: hidden # the token\n",
                "a:\n  b: *** # the token\n",
            ),
            (
                "a:\n  # the token\n  b: hidden\n",
                "a:\n  # the token\n  b: ***\n",
            ),
            ("a: b # token: hidden\n", "a: *** # token: ***\n"),
            (
                "# hidden is the token\na: 80\n",
                "# *** is the token\na: 80\n",
            ),
            ("a: [API_TOKEN, hidden]\n", "a: [API_TOKEN, ***]\n"),
            (
                "a: { name: API_TOKEN, is: hidden }\n",
                "a: { name: API_TOKEN, is: *** }\n",
            ),
            (
                "a:\n  b: 9f86d081884c7d659a2feaa0c55ad015\n",
                "a:\n  b: ***\n",
            ),
            (
                "image: a:1\nports: [\"80:80\"]\n",
                "image: a:1\nports: [\"80:80\"]\n",
            ),
        ],
    );
}

#[test]
fn what_is_no_yaml_is_masked_around_a_hint() {
    assert_shown(
        true,
        "a.yml",
        &[
            (
                "a: [\nname: API_TOKEN\nvalue: hidden\n",
                "a: [\nname: API_TOKEN\nvalue: ***\n",
            ),
            (
                "a: [\nvalue: hidden\nname: API_TOKEN\nports: 80\n",
                "a: [\nvalue: ***\nname: API_TOKEN\nports: 80\n",
            ),
            (
                "a: [\n? API_TOKEN\n: hidden\n",
                "a: [\n? API_TOKEN\n: ***\n",
            ),
        ],
    );
    assert_shown(
        true,
        "DEPLOYMENT.md",
        &[
            (
                "| API_TOKEN | hidden | 80 |\n",
                "| API_TOKEN | *** | 80 |\n",
            ),
            (
                "| name | token |\n|---|---|\n| a | hidden |\n",
                "| *** | token |\n|---|---|\n| *** | *** |\n",
            ),
            ("The password is hidden.\n", "The password ***\n"),
            ("Nothing to see.\n", "Nothing to see.\n"),
        ],
    );
}

#[test]
fn what_composegen_writes_is_no_secret() {
    let wanted = "# the token of the API\n#API_TOKEN=\nA=b\n";
    let there = "# the token of the API\n#API_TOKEN=\nA=c\n";
    assert_eq!(shown("env", there, wanted, true), there);
    let there = "the API # token A=b\n";
    assert_eq!(shown("env", there, wanted, true), there);
}

#[test]
fn a_value_that_is_hidden_once_is_hidden_everywhere() {
    let sheets = [
        ("a.yml", "API_TOKEN: hunter2hunter2\n"),
        ("env", "A=hunter2hunter2\n"),
    ];
    let sheets = sheets.map(|(path, there)| Sheet {
        path,
        there: there.as_bytes(),
        wanted: b"",
        by_hand: true,
    });
    let shown = secrets().shown(&sheets);
    assert_eq!(shown[1].there, b"A=***\n");
    let mut secrets = secrets();
    secrets.learn(b"API_TOKEN=hunter3hunter3\n");
    let sheet = Sheet {
        there: b"A=hunter3hunter3\n",
        ..sheets[1]
    };
    assert_eq!(secrets.shown(&[sheet])[0].there, b"A=***\n");
}

#[test]
fn a_value_is_told_or_not() {
    let secrets = secrets();
    let told = secrets.told(&[]);
    assert_eq!(told.value(Some("PLAIN"), "hidden"), None);
    assert_eq!(told.value(Some("A"), "b"), Some("b".to_owned()));
    assert_eq!(
        told.value(None, "http://a:hidden@b"),
        Some("http://a:***@b".to_owned())
    );
    assert_eq!(
        told.message("no `hidden` in `a`", "a: ***"),
        "no `***` in `a`"
    );
}
