//! Input that no text file in a repository can hold: bytes that are no text, sizes, links, pipes, closed streams.
//! Each is refused in words, at once, and what was there stays whole. `tests/golden/bad-input/` has the others.

use std::fs;

use crate::golden::snapshot;
use crate::project::{CATALOG, Project, Said};

/// A project that was built once, with a catalog that is then exchanged.
fn built() -> Project {
    let project = Project::new();
    assert_eq!(project.run(&["build"]).code, Some(0));
    project
}

/// Exchanges the catalog; `check` and `build` refuse it alike, and change nothing.
fn refused(name: &str, catalog: impl AsRef<[u8]>) {
    let project = built();
    project.write("catalog/catalog.yaml", catalog);
    refused_as_it_is(name, &project);
}

/// `check` and `build` refuse what lies there, say what the snapshot says, and change nothing.
fn refused_as_it_is(name: &str, project: &Project) {
    let before = project.files();
    let said = project.run(&["check"]);
    assert_harmless(&said);
    assert!(matches!(said.code, Some(1 | 2)), "{name}: {said:?}");
    snapshot(&format!("bad-input/made/{name}.txt"), &said.transcript());
    let build = project.run(&["build"]);
    assert_harmless(&build);
    assert_eq!(build.code, said.code, "{name}: {build:?}");
    assert_eq!(build.out, "", "{name}");
    assert!(project.files() == before, "{name}: a file was changed");
}

/// Nothing that moves a cursor, sets a colour or turns the writing direction.
fn assert_harmless(said: &Said) {
    let bad = |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
    for text in [&said.out, &said.err] {
        assert!(!text.contains(bad), "{text:?}");
        assert!(!text.contains("panicked"), "{text}");
    }
}

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xfeff)
        .chain(text.encode_utf16())
        .flat_map(bytes)
        .collect()
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    refused("nul", CATALOG.replace("nginx", "ngi\0nx"));
    refused(
        "invalid-utf-8",
        [CATALOG.as_bytes(), b"# caf\xe9\n"].concat(),
    );
    refused("utf-16-le", utf_16(CATALOG, u16::to_le_bytes));
    refused("utf-16-be", utf_16(CATALOG, u16::to_be_bytes));
    refused("binary", (0..=255).cycle().take(4096).collect::<Vec<u8>>());
    refused("escape", CATALOG.replace("nginx", "ngi\u{1b}[31mnx"));
    refused(
        "bell-in-quotes",
        CATALOG.replace("nginx:1.27", "\"ngi\u{7}nx\""),
    );
}

#[test]
fn what_is_too_deep_or_too_large_is_refused() {
    refused("ten-thousand-lists", "[".repeat(10_000));
    refused("ten-thousand-maps", "{a: ".repeat(10_000));
    let steps: String = (0..400)
        .map(|depth| format!("{}a:\n", " ".repeat(depth)))
        .collect();
    refused("four-hundred-levels-of-lines", steps);
    refused("ten-thousand-dashes", "- ".repeat(10_000));
    let long = "x".repeat(1 << 20);
    refused(
        "a-name-of-a-megabyte",
        CATALOG.replace("web:", &format!("\"{long} \":")),
    );
    refused(
        "a-text-of-a-megabyte",
        CATALOG.replace("128M", &format!("\"{long}\"")),
    );
}

#[test]
fn aliases_and_merges_that_multiply_are_refused() {
    let multiply = |first: &str, next: fn(usize, String) -> String| -> String {
        let line = |step: usize| {
            let alias = format!("*a{}", step - 1);
            next(step, [alias.as_str(); 9].join(", "))
        };
        std::iter::once(first.to_owned())
            .chain((1..12).map(line))
            .collect()
    };
    let lists = multiply("x-a0: &a0 [lol, lol, lol]\n", |step, aliases| {
        format!("x-a{step}: &a{step} [{aliases}]\n")
    });
    refused("alias-bomb", lists + CATALOG);
    let maps = multiply(
        "x-a0: &a0 { b: [lol, lol, lol, lol, lol, lol] }\n",
        |step, aliases| {
            format!("x-a{step}: &a{step} {{ c{step}: [{aliases}], <<: [{aliases}] }}\n")
        },
    );
    refused("merge-bomb", maps + CATALOG);
}

#[test]
fn names_that_would_write_on_the_terminal_are_shown_escaped() {
    let odd = "\\e[31mred\\u202Edrowssap\\a";
    let name = |place: &str| CATALOG.replacen(place, &format!("\"{odd}\""), 1);
    refused("odd-service", name("web"));
    refused("odd-project", name("demo"));
    refused("odd-image", name("nginx:1.27"));
    refused("odd-role", name("core"));
    refused("odd-size", name("128M"));
    refused("odd-port", name("\"8080:80\""));
    refused(
        "odd-key",
        CATALOG.replacen("image:", &format!("\"{odd}\":"), 1),
    );
    let depends = CATALOG.replacen(
        "cpus: 0.5",
        &format!("cpus: 0.5\n    depends_on: [\"{odd}\"]"),
        1,
    );
    refused("odd-dependency", depends);
    let expression = CATALOG.replacen("nginx:1.27", &format!("\"{{{{ url('{odd}') }}}}\""), 1);
    refused("odd-expression", expression);
    let variable = format!("cpus: 0.5\n    environment: {{ \"{odd}\": , A: \"${{{odd}}}\" }}");
    refused("odd-variable", CATALOG.replacen("cpus: 0.5", &variable, 1));
    let twice = format!(
        "fragments: {{ \"{odd}\": {{ extends: \"{odd}\" }} }}\nservices:\n  \"{odd}\": {{ role: core }}"
    );
    refused("odd-twice", CATALOG.replacen("services:", &twice, 1));
}

#[test]
fn odd_names_do_not_reach_the_terminal_by_any_command() {
    let odd = "\\e[31mred\\u202E";
    let project = Project::with(CATALOG.replace("web:", &format!("\"{odd}\":")));
    for arguments in [
        &["list"][..],
        &["show", "\u{1b}[31mred\u{202e}"],
        &["show", "homes"],
        &["show", "\u{1b}[31m"],
        &["diff"],
        &["build", "--mode", "\u{1b}[31m"],
        &["build", "--host", "\u{1b}[31m"],
        &["explain", "\u{1b}[31m"],
        &["--catalog", "\u{1b}[31m", "check"],
        &["\u{1b}[31m"],
        &["check", "--\u{1b}[31m"],
    ] {
        assert_harmless(&project.run(arguments));
    }
    // JSON is for programs, which decode it: what a terminal obeys is escaped by its own rules.
    for arguments in [
        &["list", "--format", "json"],
        &["check", "--format", "json"],
    ] {
        let said = project.run(arguments);
        assert!(!said.out.contains('\u{1b}'), "{}", said.out);
    }
}

#[test]
fn byte_order_marks_and_line_ends_make_no_difference() {
    let expected = built().files();
    let crlf = CATALOG.replace('\n', "\r\n");
    let bom = "\u{feff}";
    for catalog in [
        format!("{bom}{CATALOG}"),
        crlf.clone(),
        format!("{bom}{crlf}"),
    ] {
        let project = Project::with(catalog);
        assert_eq!(project.run(&["build"]).code, Some(0));
        let written = |files: Vec<(String, Vec<u8>)>| -> Vec<(String, Vec<u8>)> {
            files
                .into_iter()
                .filter(|(path, _)| path.starts_with("generated/"))
                .collect()
        };
        assert!(written(project.files()) == written(expected.clone()));
        assert_eq!(project.run(&["check"]).out, "no findings\n");
    }
}

#[test]
fn a_file_of_nothing_but_marks_is_an_empty_file() {
    for catalog in [
        "",
        "\u{feff}",
        "\n\n",
        "# nothing\n",
        "---\n",
        "---\n...\n",
        "~\n",
    ] {
        let project = Project::with(catalog);
        project.write(
            "catalog/more.yaml",
            CATALOG
                .split_once("services:")
                .unwrap()
                .1
                .replace("  web", "services:\n  web"),
        );
        let said = project.run(&["check"]);
        assert_eq!(said.code, Some(1), "{catalog:?}");
        assert!(
            said.out.contains("`project` is missing from catalog.yaml"),
            "{said:?}"
        );
    }
}

#[cfg(unix)]
mod unix {
    use std::ffi::{CString, OsStr};
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::project::wait;

    fn fifo(project: &Project, path: &str) {
        let path = CString::new(project.path(path).as_os_str().as_bytes()).unwrap();
        // SAFETY: the path is a C string that lives through the call.
        assert_eq!(unsafe { libc::mkfifo(path.as_ptr(), 0o600) }, 0);
    }

    #[test]
    fn what_is_no_file_in_the_catalog_is_refused_without_opening_it() {
        let project = built();
        fifo(&project, "catalog/pipe.yaml");
        refused_as_it_is("pipe", &project);

        let project = built();
        fs::create_dir(project.path("catalog/folder.yaml")).unwrap();
        refused_as_it_is("folder-named-yaml", &project);

        let project = built();
        symlink("/dev/zero", project.path("catalog/zero.yaml")).unwrap();
        refused_as_it_is("link-to-a-device", &project);

        let project = built();
        symlink("nowhere.yaml", project.path("catalog/link.yaml")).unwrap();
        refused_as_it_is("link-to-nowhere", &project);

        let project = built();
        symlink("loop.yaml", project.path("catalog/loop.yaml")).unwrap();
        refused_as_it_is("link-to-itself", &project);
    }

    #[test]
    fn a_catalog_file_whose_name_is_no_text_is_refused() {
        let project = built();
        let name = OsStr::from_bytes(b"caf\xe9.yaml");
        if fs::write(project.path("catalog").join(name), "services: {}\n").is_err() {
            return; // A file system of text names: then there is no such file.
        }
        refused_as_it_is("file-name-of-bytes", &project);
    }

    #[test]
    fn a_catalog_file_with_an_odd_name_is_shown_escaped() {
        let project = built();
        fs::write(
            project.path("catalog/\u{1b}[31mred\n.yaml"),
            "servics: {}\n",
        )
        .unwrap();
        refused_as_it_is("file-name-with-an-escape", &project);
    }

    #[test]
    fn a_catalog_that_is_a_link_is_read_where_it_is_named() {
        let project = Project::empty();
        project.write("elsewhere/catalog.yaml", CATALOG);
        symlink("elsewhere", project.path("catalog")).unwrap();
        assert_eq!(project.run(&["build"]).code, Some(0));
        assert_eq!(project.run(&["check"]).out, "no findings\n");
    }

    #[test]
    fn nothing_is_written_through_links_or_over_what_is_no_file() {
        let outside = Project::empty();
        let project = Project::new();
        symlink(outside.root(), project.path("generated")).unwrap();
        let said = project.run(&["build"]);
        let real = outside.root().canonicalize().unwrap();
        let text = said
            .transcript()
            .replace(&real.display().to_string(), "/OUTSIDE");
        snapshot("bad-input/made/generated-is-a-link-outside.txt", &text);
        assert_eq!(said.code, Some(2));
        assert!(outside.files().is_empty());

        let project = Project::new();
        fs::create_dir(project.path("generated")).unwrap();
        project.write("kept.yml", "kept\n");
        symlink(
            "../kept.yml",
            project.path("generated/docker-compose.prod.yml"),
        )
        .unwrap();
        not_built("a-generated-file-is-a-link", &project);

        let project = Project::new();
        fs::create_dir_all(project.path("generated/docker-compose.prod.yml")).unwrap();
        not_built("a-generated-file-is-a-folder", &project);

        let project = Project::new();
        project.write("generated", "a file\n");
        not_built("generated-is-a-file", &project);

        let project = Project::new();
        fs::create_dir(project.path("generated")).unwrap();
        fifo(&project, "generated/docker-compose.test.yml");
        not_built("a-generated-file-is-a-pipe", &project);
    }

    /// The catalog is right, and the files cannot be written; what was there stays.
    fn not_built(name: &str, project: &Project) {
        let before = project.files();
        let said = project.run(&["build"]);
        assert_eq!(said.code, Some(2), "{name}: {said:?}");
        snapshot(&format!("bad-input/made/{name}.txt"), &said.transcript());
        assert!(project.files() == before, "{name}: a file was changed");
    }

    /// Every command that prints data.
    const PRINTING: &[&[&str]] = &[
        &["check"],
        &["check", "--format", "json"],
        &["list"],
        &["show", "web"],
        &["build", "--stdout"],
        &["build", "--format", "json"],
        &["diff", "--format", "json"],
        &["schema"],
        &["explain"],
        &["explain", "port-conflict"],
        &["--help"],
        &["build", "--help"],
        &["--version"],
    ];

    #[test]
    fn a_reader_that_went_away_is_no_error() {
        let project = built();
        for arguments in PRINTING {
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            let mut command = project.command(arguments);
            command.stdout(writer).stderr(std::process::Stdio::piped());
            let mut child = command.spawn().unwrap();
            drop(command);
            let code = wait(&mut child);
            let err = std::io::read_to_string(child.stderr.take().unwrap()).unwrap();
            assert_eq!(
                (code, err.contains("rror"), err.contains("panicked")),
                (Some(0), false, false),
                "{arguments:?}: {err}"
            );
        }
    }

    #[test]
    fn a_reader_of_the_talk_that_went_away_is_no_error() {
        let project = Project::new();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = project.command(&["build"]);
        command.stderr(writer);
        assert_eq!(wait(&mut command.spawn().unwrap()), Some(0));
        assert!(project.path("generated/docker-compose.prod.yml").is_file());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn data_that_does_not_fit_on_the_disk_is_an_error() {
        let project = built();
        for arguments in PRINTING {
            let full = fs::OpenOptions::new()
                .write(true)
                .open("/dev/full")
                .unwrap();
            let mut command = project.command(arguments);
            command.stdout(full).stderr(std::process::Stdio::piped());
            let mut child = command.spawn().unwrap();
            let code = wait(&mut child);
            let err = std::io::read_to_string(child.stderr.take().unwrap()).unwrap();
            assert_eq!(code, Some(2), "{arguments:?}: {err}");
            assert_eq!(
                err,
                "error: standard output cannot be written: its file system has no space left\n",
                "{arguments:?}"
            );
        }
    }
}
