//! `composegen init`: what it leaves, whom it asks, and what it never touches. The words are in `tests/golden/init/`.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

use crate::project::{Project, Said, finish};
use crate::pty::Terminal;

/// The words with which the example is the same on every machine.
const EXAMPLE: &[&str] = &[
    "init",
    "--project",
    "demo",
    "--memory",
    "8GiB",
    "--cpus",
    "4",
];

/// What it leaves of the example.
const FILES: [&str; 10] = [
    ".gitattributes",
    ".gitignore",
    "catalog/catalog.yaml",
    "catalog/services.yaml",
    "generated/DEPLOYMENT.md",
    "generated/catalog.schema.json",
    "generated/docker-compose.prod.yml",
    "generated/docker-compose.test.yml",
    "generated/env.production",
    "generated/env.test",
];

const COMPOSE: &str = "services:\n  web: { image: \"nginx:1.27\", ports: [\"8080:80\"] }\n";

fn names(project: &Project) -> Vec<String> {
    project.files().into_iter().map(|(name, _)| name).collect()
}

fn failed(said: &Said, err: &str) {
    let expected = Said {
        out: String::new(),
        err: err.to_owned(),
        code: Some(2),
    };
    assert_eq!(*said, expected);
}

/// A run in a folder below the project's.
fn run_in(project: &Project, folder: &str, words: &[&str]) -> Said {
    let mut command = project.command(words);
    command.current_dir(project.path(folder));
    finish(command)
}

fn on_terminal(project: &Project, words: &[&str]) -> Terminal {
    Terminal::start(&project.command(words), (40, 110))
}

#[test]
fn the_example_is_right_and_loads() {
    let project = Project::empty();
    let said = project.run(EXAMPLE);
    assert_eq!((said.out.as_str(), said.code), ("", Some(0)), "{said:?}");
    assert_eq!(names(&project), FILES);
    let check = project.run(&["check"]);
    assert_eq!((check.out.as_str(), check.code), ("no findings\n", Some(0)));
    assert_eq!(
        project.run(&["build"]).err.lines().last(),
        Some("nothing changed: 6 files current")
    );
    assert_eq!(project.run(&["env", "init", "test"]).code, Some(0));
    assert_eq!(project.run(&["env", "check", "test"]).code, Some(0));
    if Command::new("docker")
        .args(["compose", "version"])
        .output()
        .is_err()
    {
        return crate::skipped(
            "docker compose is not installed: it did not read what `init` builds",
        );
    }
    for (mode, env) in [("test", "test"), ("prod", "production")] {
        let mut command = Command::new("docker");
        command.current_dir(project.root()).args([
            "compose",
            "--env-file",
            &format!("generated/env.{env}"),
        ]);
        command.args([
            "-f",
            &format!("generated/docker-compose.{mode}.yml"),
            "config",
            "--quiet",
        ]);
        let said = finish(command);
        assert_eq!(said.code, Some(0), "{said:?}");
    }
}

#[test]
fn without_a_terminal_nothing_is_asked_and_the_machine_is_this_one() {
    let project = Project::empty();
    // A pipe that stays open: whoever reads it waits for ever.
    let mut child = project
        .command(&["init"])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    assert_eq!(crate::project::wait(&mut child), Some(0));
    assert_eq!(names(&project), FILES);
    let text = project.text("catalog/catalog.yaml");
    let cpus = std::thread::available_parallelism().unwrap();
    assert!(text.contains(&format!("cpus: {cpus}, reserve:")), "{text}");
}

#[test]
fn every_name_of_a_project_is_written_so_that_it_is_read() {
    for name in ["123", "null", "0x1f", "1e3", "on", "a-b_c"] {
        let project = Project::empty();
        assert_eq!(
            project.run(&["init", "--project", name]).code,
            Some(0),
            "{name}"
        );
        assert_eq!(project.run(&["check"]).code, Some(0), "{name}");
        let text = project.text("generated/docker-compose.prod.yml");
        assert!(text.starts_with(&format!("# {name}-prod: ")), "{text}");
    }
    for (words, why) in [
        (&["--project", "My Shop"][..], "`My Shop`"),
        (&["--memory", "1M"], "it takes 512MiB at least"),
        (&["--memory", "much"], "`much` is not a size"),
        (&["--cpus", "0"], "write a whole number from 1 to 4096"),
        (&["--import", "--example"], "cannot be used with"),
    ] {
        let project = Project::empty();
        let said = project.run(&[&["init"], words].concat());
        assert_eq!(said.code, Some(2));
        assert!(said.err.contains(why), "{said:?}");
        assert_eq!(names(&project), [""; 0]);
    }
}

#[test]
fn what_is_there_is_left_alone() {
    let there = "error: `catalog` is there already; nothing was written\n  help: `composegen check` looks at it; \
                 `--catalog DIR/catalog` makes another one in another folder\n";
    for what in [
        "a catalog",
        "a folder",
        "a file",
        "a link that leads nowhere",
    ] {
        let project = match what {
            "a catalog" => Project::new(),
            _ => Project::empty(),
        };
        match what {
            "a folder" => fs::create_dir(project.path("catalog")).unwrap(),
            "a file" => project.write("catalog", "mine\n"),
            "a link that leads nowhere" => symlink("nowhere", project.path("catalog")).unwrap(),
            _ => {}
        }
        let before = project.files();
        failed(&project.run(EXAMPLE), there);
        assert_eq!(project.files(), before, "{what}");
    }
    for (path, err) in [
        (
            "generated/env.test",
            "error: `generated/env.test` is there already; nothing was written\n  help: move it away and try again\n",
        ),
        (
            "generated",
            "error: `generated/DEPLOYMENT.md` has no place: `generated` is not a folder; nothing was written\n",
        ),
        (
            ".gitignore/x",
            "error: `.gitignore` is a folder where a file is to be; nothing was written\n  help: move it away and try again\n",
        ),
    ] {
        let project = Project::empty();
        project.write(path, "mine\n");
        project.write("notes.txt", "mine\n");
        let before = project.files();
        failed(&project.run(EXAMPLE), err);
        assert_eq!(project.files(), before, "{path}");
    }
    let project = Project::empty();
    project.write("elsewhere", "target\n");
    symlink("elsewhere", project.path(".gitignore")).unwrap();
    let before = project.files();
    failed(
        &project.run(EXAMPLE),
        "error: `.gitignore` is a symbolic link; it is not followed; nothing was written\n  help: move it away and try again\n",
    );
    assert_eq!(project.files(), before);
}

#[test]
fn other_files_stay_and_lines_for_git_are_added_once() {
    let project = Project::empty();
    project.write("README.md", "mine\n");
    project.write(".gitignore", "/target");
    project.write(".gitattributes", "* text=auto\n");
    project.write("generated/mine.txt", "mine\n");
    assert_eq!(project.run(EXAMPLE).code, Some(0));
    assert_eq!(project.text("README.md"), "mine\n");
    assert_eq!(project.text("generated/mine.txt"), "mine\n");
    let (ignore, attributes) = (project.text(".gitignore"), project.text(".gitattributes"));
    assert!(
        ignore.starts_with("/target\n\n# ") && ignore.ends_with("\n/.env.test\n/.env.production\n")
    );
    assert!(attributes.starts_with("* text=auto\n\n# "));
    assert!(attributes.ends_with("\ngenerated/** text eol=lf linguist-generated\n"));
    // What it wrote itself may be there: only the catalog is made anew.
    fs::remove_dir_all(project.path("catalog")).unwrap();
    let said = project.run(EXAMPLE);
    assert_eq!(said.code, Some(0));
    let created = said
        .err
        .lines()
        .filter(|line| line.starts_with("created ") || line.starts_with("added "));
    assert_eq!(
        created.collect::<Vec<_>>(),
        [
            "created catalog/catalog.yaml",
            "created catalog/services.yaml"
        ]
    );
    assert_eq!(
        (project.text(".gitignore"), project.text(".gitattributes")),
        (ignore, attributes)
    );
}

#[test]
fn a_folder_that_cannot_be_written_stays_as_it_is() {
    let project = Project::empty();
    fs::set_permissions(project.root(), fs::Permissions::from_mode(0o555)).unwrap();
    // Whoever may do everything may write here, too.
    if fs::write(project.path("probe"), "").is_ok() {
        fs::remove_file(project.path("probe")).unwrap();
        return crate::skipped("root writes everywhere: no folder refuses it here");
    }
    let said = project.run(EXAMPLE);
    assert_eq!(said.code, Some(2));
    assert!(
        said.err
            .contains("this user has no permission for it; nothing was written"),
        "{said:?}"
    );
    assert_eq!(names(&project), [""; 0]);
}

#[test]
fn a_catalog_below_other_folders_is_found_by_the_commands_that_are_named() {
    let project = Project::empty();
    let said = project.run(&[&["--catalog", "stacks/my shop/cat"], EXAMPLE].concat());
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        said.err
            .contains("created stacks/my shop/cat/catalog.yaml\n"),
        "{said:?}"
    );
    assert!(
        said.err
            .contains("composegen build --catalog 'stacks/my shop/cat'"),
        "{said:?}"
    );
    let check = project.run(&["--catalog", "stacks/my shop/cat", "check"]);
    assert_eq!((check.out.as_str(), check.code), ("no findings\n", Some(0)));
    for (catalog, err) in [
        (
            "..",
            "error: `..` cannot become a catalog: it needs a folder of its own",
        ),
        (
            "generated",
            "error: no catalog can be in a folder called `generated`",
        ),
    ] {
        let said = Project::empty().run(&[&["--catalog", catalog], EXAMPLE].concat());
        assert_eq!(said.code, Some(2));
        assert_eq!(said.err.lines().next(), Some(err));
    }
}

#[test]
fn import_makes_the_catalog_that_is_named() {
    let project = Project::empty();
    project.write("compose.yaml", COMPOSE);
    let said = project.run(&["--catalog", "stacks/shop/cat", "import"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let made = project.text("stacks/shop/cat/catalog.yaml");
    let said = project.run(&["import", "--into", "stacks/new", "--catalog", "other"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(project.text("stacks/new/catalog/catalog.yaml"), made);
    assert!(!project.path("other").exists() && !project.path("catalog").exists());
}

#[test]
fn below_a_repository_git_keeps_secrets_out_and_the_hook_can_be_installed() {
    if Command::new("git").arg("--version").output().is_err() {
        return crate::skipped("git is not installed");
    }
    let project = Project::empty();
    project.git(&["init", "--quiet"]);
    fs::create_dir_all(project.path("stacks/shop")).unwrap();
    let said = run_in(&project, "stacks/shop", &["init", "--yes"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.err.contains("\n  composegen hook install"), "{said:?}");
    assert!(
        project
            .text("stacks/shop/catalog/catalog.yaml")
            .contains("project: shop\n")
    );
    for mode in ["test", "prod"] {
        assert_eq!(
            run_in(&project, "stacks/shop", &["env", "init", mode]).code,
            Some(0)
        );
    }
    project.git(&["add", "."]);
    let staged = project.git(&["diff", "--cached", "--name-only"]);
    assert!(
        staged.contains("stacks/shop/generated/env.test\n"),
        "{staged}"
    );
    assert!(!staged.contains(".env."), "{staged}");
    assert_eq!(
        run_in(&project, "stacks/shop", &["hook", "install"]).code,
        Some(0)
    );
    assert_eq!(
        run_in(&project, "stacks/shop", &["check", "--staged"]).code,
        Some(0)
    );
}

#[test]
fn compose_files_of_a_folder_above_are_not_taken_without_a_word() {
    let project = Project::empty();
    project.write("compose.yaml", COMPOSE);
    fs::create_dir(project.path("new")).unwrap();
    failed(
        &run_in(&project, "new", &["init"]),
        "error: Docker Compose takes `../compose.yaml` here, from a folder above; nothing was written\n  \
         help: `--import` makes a catalog of it, `--example` a new one\n",
    );
    assert_eq!(names(&project), ["compose.yaml"]);
    assert_eq!(run_in(&project, "new", &["init", "--import"]).code, Some(0));
    assert!(
        project
            .text("new/catalog/catalog.yaml")
            .contains("image: nginx:1.27\n")
    );
    fs::remove_dir_all(project.path("new")).unwrap();
    fs::create_dir(project.path("new")).unwrap();
    assert_eq!(
        run_in(&project, "new", &["init", "--example"]).code,
        Some(0)
    );
    assert!(
        project
            .text("new/catalog/services.yaml")
            .contains("image: redis:7.4\n")
    );
    failed(
        &Project::empty().run(&["init", "--import"]),
        "error: there is no Compose file here or in a folder above; nothing was written\n  help: `composegen import \
         FILE` names one; without `--import` an example is made\n",
    );
}

#[test]
fn on_a_terminal_it_asks_for_what_was_not_given() {
    let project = Project::empty();
    let mut terminal = on_terminal(&project, &["init"]);
    terminal.until("name of the project [");
    terminal.types("My Shop\n");
    let screen = terminal.until("`My Shop` is not a project name");
    assert!(
        screen.contains("A new catalog in catalog/, with two services as an example."),
        "{screen}"
    );
    terminal.types("shop\n");
    terminal.until("memory of the machine [");
    terminal.types("1M\n");
    terminal.until("it takes 512MiB at least");
    terminal.types("16G\n");
    terminal.until("CPUs of the machine [");
    terminal.types("many\n");
    terminal.until("write a whole number from 1 to 4096");
    terminal.types("4\n");
    let (status, screen) = terminal.end();
    assert_eq!(status.code(), Some(0), "{screen}");
    assert!(screen.contains("composegen deploy test"), "{screen}");
    let text = project.text("catalog/catalog.yaml");
    assert!(text.contains("project: shop\n"), "{text}");
    assert!(
        text.contains("machine: { memory: 16GiB, cpus: 4, reserve: { memory: 4GiB } }\n"),
        "{text}"
    );
    assert_eq!(project.run(&["check"]).code, Some(0));
    // Enter takes what is offered; what was given is not asked for.
    let project = Project::empty();
    let mut terminal = on_terminal(&project, &["init", "--project", "shop", "--cpus", "4"]);
    let screen = terminal.until("memory of the machine [");
    assert!(!screen.contains("name of the project"), "{screen}");
    terminal.types("\n");
    assert_eq!(terminal.end().0.code(), Some(0));
    assert_eq!(names(&project), FILES);
    // With --yes nothing is.
    let project = Project::empty();
    let (status, screen) = on_terminal(&project, &["init", "--yes"]).end();
    assert_eq!(status.code(), Some(0), "{screen}");
    assert!(
        !screen.contains("[") && names(&project) == FILES,
        "{screen}"
    );
}

#[test]
fn who_goes_away_in_the_middle_leaves_nothing() {
    let questions = [
        ("name of the project [", "shop\n"),
        ("memory of the machine [", "8GiB\n"),
        ("CPUs of the machine [", "4\n"),
    ];
    for at in 0..questions.len() {
        for (keys, is_interrupted) in [("\x03", true), ("\x04", false)] {
            let project = Project::empty();
            let mut terminal = on_terminal(&project, &["init"]);
            for (question, answer) in &questions[..at] {
                terminal.until(question);
                terminal.types(answer);
            }
            terminal.until(questions[at].0);
            terminal.types(keys);
            let (status, screen) = terminal.end();
            match is_interrupted {
                true => assert_eq!(status.signal(), Some(2), "{screen}"),
                false => {
                    assert_eq!(status.code(), Some(2), "{screen}");
                    let last = screen.lines().last();
                    assert_eq!(
                        last,
                        Some("error: there was no answer; nothing was written")
                    );
                }
            }
            assert_eq!(names(&project), [""; 0], "{screen}");
        }
    }
}

#[test]
fn on_a_terminal_compose_files_are_asked_about() {
    let question = "Docker Compose takes `compose.yaml` here. Make the catalog of it? [Y/n]";
    for (keys, code, last) in [
        ("\n", 0, "remove compose.yaml"),
        ("what\nyes\n", 0, "remove compose.yaml"),
        ("n\n", 2, "help: `--example` makes a small example"),
        ("\x04", 2, "error: there was no answer; nothing was written"),
    ] {
        let project = Project::empty();
        project.write("compose.yaml", COMPOSE);
        let mut terminal = on_terminal(&project, &["init"]);
        terminal.until(question);
        terminal.types(keys);
        let (status, screen) = terminal.end();
        assert_eq!(status.code(), Some(code), "{screen}");
        assert!(
            screen.lines().last().unwrap_or_default().contains(last),
            "{screen}"
        );
        assert_eq!(names(&project).len() == 1, code == 2, "{screen}");
    }
}
