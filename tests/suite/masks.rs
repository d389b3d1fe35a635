//! A secret that somebody wrote into a generated file by hand is shown by nothing, whatever form it has: every shape is
//! tried in every format. How a masked file reads is in `src/difference/mask/tests.rs` and `tests/golden/diff/shapes`.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use composegen::difference::{Secrets, Sheet};
use proptest::prelude::*;

use crate::project::Project;

/// What stands for the secret in a shape.
const HERE: &str = "SECRET";

/// Lines for the service of a Compose file.
const OF_SERVICE: &[&str] = &[
    "environment: { API_TOKEN: SECRET }",
    "environment: { \"API_TOKEN\": 'SECRET' }",
    "environment: [ \"API_TOKEN=SECRET\", A=b ]",
    "environment:\n  - API_TOKEN=SECRET",
    "environment:\n  API_TOKEN: |\n    SECRET\n  A: b",
    "environment:\n  API_TOKEN: >-\n    one\n\n    SECRET\n  A: b",
    "environment:\n  API_TOKEN:\n    SECRET",
    "environment:\n  API_TOKEN: \"one\n    SECRET\"",
    "environment:\n  API_TOKEN: one\n    SECRET\n  A: b",
    "environment:\n  API_TOKEN: one\n  API_TOKEN: SECRET",
    "environment:\n  ? API_TOKEN\n  : SECRET",
    "environment:\n  ? \"API_TOKEN\"\n  :\n    SECRET",
    "environment: { DB_PASS: SECRET, pw: SECRET, apiKey: SECRET }",
    "environment: { A: \"${API_TOKEN:-SECRET}\" }",
    "environment: { API_TOKEN: \"${A:-SECRET}\" }",
    "environment: { API_TOKEN: \"$$SECRET\" }",
    "environment: { A: \"http://me:SECRET@db/x\" }",
    "environment: { A: \"http://me:${P:-SECRET}@db/x\" }",
    "environment: { A: \"http://${T:-SECRET}@db/x\" }",
    "environment: { A: \"http://db/x?a=b&token=SECRET\" }",
    "environment: { A: \"Server=db;User=me;Password=SECRET;\" }",
    "environment: { A: '{\"user\": \"me\", \"password\": \"SECRET\"}' }",
    "environment:\n  A: \"{\\\"password\\\": \\\"SECRET\\\"}\"",
    "environment: { A: SECRET } # the token",
    "environment:\n  # the password\n  A: SECRET",
    "environment:\n  A: SECRET\n  # that was the password",
    "environment: # token: SECRET\n  A: b",
    "# API_TOKEN: SECRET",
    "# the token is SECRET",
    "# SECRET is the token",
    "# token:\n#   SECRET",
    "command: serve --password SECRET",
    "command: serve --password=SECRET --port 80",
    "command: redis-server --requirepass SECRET",
    "command: [redis-server, --requirepass, SECRET]",
    "command:\n  - redis-server\n  - --requirepass\n  - \"SECRET\"",
    "command: >\n  redis-server\n  --requirepass\n  SECRET",
    "command: \"serve \\\n  --password \\\n  SECRET\"",
    "command: serve -p SECRET",
    "command: [serve, -p, SECRET]",
    "command:\n  - serve\n  - -p\n  - SECRET",
    "command: mysql -u root -pSECRET",
    "command: [\"mysql\", \"-pSECRET\"]",
    "command: curl -u me:SECRET http://db",
    "command: sh -c \"API_TOKEN=SECRET serve\"",
    "command: |\n  export API_TOKEN='SECRET'\n  serve",
    "command: [sh, -c, \"echo SECRET | docker login --password-stdin\"]",
    "healthcheck: { test: [CMD, curl, -H, \"Authorization: Bearer SECRET\", http://a] }",
    "healthcheck: { test: \"curl -H 'X-Api-Key: SECRET' http://a\" }",
    "labels: { a: \"Authorization: Bearer SECRET\" }",
    "labels:\n  - \"traefik.http.middlewares.a.headers.customrequestheaders.Authorization=Basic SECRET\"",
    "labels: { a: \"Bearer SECRET\" }",
    "labels: { Cookie: \"sid=SECRET\" }",
    "x-a:\n  - name: API_TOKEN\n    value: SECRET",
    "x-a:\n  - value: SECRET\n    name: API_TOKEN",
    "x-a:\n  - key: API_TOKEN\n    value: SECRET",
    "x-a: [ { name: API_TOKEN, value: SECRET } ]",
    "x-a: [ { value: \"SECRET\", name: \"API_TOKEN\" } ]",
    "x-a:\n  - name: API_TOKEN\n    a: b\n    c: d\n    e: f\n    g: h\n    value: SECRET",
    "x-a:\n  - name: API_TOKEN\n    value: &a |\n      SECRET",
    "x-a:\n  variable: API_TOKEN\n  value:\n    from: [SECRET]",
    "x-a:\n  api_token:\n    value: SECRET",
    "x-a:\n  api_token: [a, SECRET]",
    "x-a: [API_TOKEN, SECRET]",
    "x-a: &a SECRET\nenvironment: { API_TOKEN: *a }",
    "x-a: &a { API_TOKEN: SECRET }\nenvironment:\n  <<: *a",
    "x-a: !tag { API_TOKEN: SECRET }",
    "x-a: \"API\\x5fTOKEN=SECRET\"",
    "x-a: <password>SECRET</password>",
    "x-a: |\n  -----BEGIN PRIVATE KEY-----\n  SECRET\n  -----END PRIVATE KEY-----",
    "build: { context: ., args: { API_TOKEN: SECRET } }",
    "logging: { driver: splunk, options: { splunk-token: SECRET } }",
    "API_TOKEN: SECRET",
    "image: me:SECRET@registry/x:1",
];

/// Lines for the top level of a Compose file.
const OF_FILE: &[&str] = &[
    "API_TOKEN: SECRET",
    "? API_TOKEN\n: SECRET",
    "configs:\n  a:\n    content: |\n      password = SECRET",
    "configs:\n  a: { content: \"requirepass SECRET\" }",
    "secrets:\n  api_token:\n    content: SECRET",
    "secrets:\n  a: { name: api_token, value: SECRET }",
    "x-a: { b: { c: { password: SECRET } } }",
    "---\nAPI_TOKEN: SECRET",
];

/// Lines for an env file, and for a guide.
const OF_ENV: &[&str] = &[
    "API_TOKEN=SECRET",
    "export API_TOKEN='SECRET'",
    "API_TOKEN: SECRET",
    "#API_TOKEN=SECRET",
    "# API_TOKEN = SECRET",
    "API_TOKEN=\"one\nSECRET\"",
    "# the token\nA=SECRET",
    "A=SECRET # the token",
    "A=http://me:SECRET@db",
    "A=\"Authorization: Bearer SECRET\"",
];
const OF_GUIDE: &[&str] = &[
    "| API_TOKEN | SECRET |",
    "| SECRET | `API_TOKEN` |",
    "| name | token |\n|---|---|\n| a | SECRET |",
    "The password is SECRET.",
    "`SECRET` is the password",
    "Password:\n\n    SECRET",
    "```sh\nexport API_TOKEN=SECRET\n```",
    "curl -u me:SECRET http://db",
    "- **Token**: `SECRET`",
    "<!-- token SECRET -->",
];

const COMPOSE: &str = "generated/docker-compose.test.yml";
const ENV: &str = "generated/env.test";
const GUIDE: &str = "generated/DEPLOYMENT.md";

/// A line of the service `web` in the file.
const LINE: &str = "    image: nginx:1.27\n";

fn indented(shape: &str, by: &str) -> String {
    shape.lines().map(|line| format!("{by}{line}\n")).collect()
}

/// Every shape in its file: the path, and the text with the shape in it. Those of a Compose file also where it is none
/// any more.
fn edited(project: &Project) -> Vec<(&'static str, String)> {
    let [compose, env, guide] = [COMPOSE, ENV, GUIDE].map(|path| project.text(path));
    let mut all = Vec::new();
    for shape in OF_SERVICE {
        let text = compose.replacen(LINE, &format!("{LINE}{}", indented(shape, "    ")), 1);
        all.push((COMPOSE, text.clone()));
        all.push((COMPOSE, text.replace("\nservices:\n", "\nservices: [\n")));
    }
    for shape in OF_FILE {
        all.push((COMPOSE, format!("{compose}{shape}\n")));
        all.push((COMPOSE, format!("{compose}]\n{shape}\n")));
    }
    all.extend(OF_ENV.iter().map(|shape| (ENV, format!("{env}{shape}\n"))));
    all.extend(
        OF_GUIDE
            .iter()
            .map(|shape| (GUIDE, format!("{guide}\n{shape}\n"))),
    );
    all
}

fn built() -> Project {
    let project = Project::new();
    assert_eq!(project.run(&["build"]).code, Some(0));
    project
}

/// The commands that show something of a file that was edited.
const COMMANDS: &[&[&str]] = &[
    &["diff"],
    &["diff", "--summary"],
    &["check"],
    &["check", "--diff"],
];

const FORMATS: &[&str] = &["human", "json", "sarif", "github", "markdown"];

#[test]
fn no_shape_is_shown_in_any_format() {
    let project = built();
    let mut shown = String::new();
    // All that is told of a file is in this one; the others take turns.
    let most = ["diff", "--summary", "--format", "json"];
    let mut others = COMMANDS
        .iter()
        .flat_map(|command| FORMATS.iter().map(move |format| (command, format)))
        .cycle();
    for (number, (path, text)) in edited(&project).into_iter().enumerate() {
        let before = project.text(path);
        project.write(path, text.replace(HERE, "hunter2horse"));
        let mut runs = vec![most.to_vec()];
        if number % 4 == 0 {
            let (command, format) = others.next().unwrap();
            runs.push([*command, &["--format", format]].concat());
        }
        for words in runs {
            let said = project.run(&words);
            for line in said.out.lines().chain(said.err.lines()) {
                if line.contains("hunter2horse") {
                    let _ = writeln!(shown, "{words:?}: {line}");
                }
            }
        }
        project.write(path, before);
    }
    assert!(shown.is_empty(), "\n{shown}");
}

/// Secrets as people and programs make them up; the first letters stand nowhere else.
const SECRET: &str = "q9[a-zA-Z0-9+/._~!%-]{4,30}[a-zA-Z0-9=]";

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 40, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_secret_is_shown_whatever_it_looks_like(secret in SECRET, from in 0..8_usize) {
        let project = built();
        // Every shape in lines, and some of them in the formats: that takes a process each.
        for (number, (path, text)) in edited(&project).into_iter().enumerate() {
            let wanted = project.text(path);
            let there = text.replace(HERE, &secret);
            let sheet = Sheet { path, there: there.as_bytes(), wanted: wanted.as_bytes(), by_hand: true };
            let shown = Secrets::default().shown(&[sheet]);
            let shown = String::from_utf8_lossy(&shown[0].there);
            let line = shown.lines().find(|line| line.contains(&secret));
            prop_assert_eq!(line, None);
            if number % 40 == from {
                project.write(path, &there);
                let said = project.run(&["diff", "--summary", "--format", FORMATS[from % FORMATS.len()]]);
                let line = said.out.lines().chain(said.err.lines()).find(|line| line.contains(&secret));
                prop_assert_eq!(line, None);
                project.write(path, &wanted);
            }
        }
    }
}

/// Everything that composegen writes in these tests is shown as it is.
#[test]
fn what_composegen_writes_is_shown() {
    let mut files = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    collect(&root.join("generated"), &mut files);
    collect(&root.join("tests/golden"), &mut files);
    files.retain(|path| {
        path.components()
            .any(|part| part.as_os_str().to_string_lossy().starts_with("generated"))
    });
    assert!(files.len() > 20, "only {} files", files.len());
    let mut hidden = String::new();
    for file in files {
        let text = fs::read(&file).unwrap();
        let path = file.to_string_lossy();
        let sheet = Sheet {
            path: path.strip_suffix(".expected").unwrap_or(&path),
            there: &text,
            wanted: &text,
            by_hand: false,
        };
        let shown = Secrets::default().shown(&[sheet]).remove(0);
        let text = String::from_utf8_lossy(&text);
        let shown = String::from_utf8_lossy(&shown.there);
        for (line, shown) in text
            .lines()
            .zip(shown.lines())
            .filter(|(line, shown)| line != shown)
        {
            let _ = writeln!(hidden, "{}: {line} became {shown}", file.display());
        }
    }
    assert!(hidden.is_empty(), "\n{hidden}");
}

fn collect(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => collect(&path, files),
            false => files.push(path),
        }
    }
}
