//! `minijinja-cli`, the fastest tool that people would use instead: a plain template, a data file for each mode.
//!
//! The data is YAML, as the catalog is: what people would keep by hand. It is given what helps it: each mode's data is
//! already resolved, merged and quoted, holds the services of that mode alone, and what is the same in every service
//! stands in the template. What it renders is compared with composegen's
//! own file once: both must be the same document.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::measure::{self, Usage};
use crate::stage::{Output, Stage, this_program};

/// The file name of the tool.
const PROGRAM: &str = "minijinja-cli";
/// A size at which one run takes longer than this is left out of the table.
const PATIENCE: Duration = Duration::from_secs(60);

/// The tool with one data file for each Compose file of a stage.
pub struct Rival {
    program: PathBuf,
    pages: Vec<Page>,
    log: PathBuf,
    in_time: bool,
    /// What the first run used, which is not measured.
    pub first: Usage,
}

/// One Compose file to render.
struct Page {
    data: PathBuf,
    rendered: PathBuf,
}

/// Where the tool is: below `target/tools`, or in the search path; none where it is not installed.
pub fn find() -> Option<PathBuf> {
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .with_file_name("tools")
        .join("bin");
    let path = env::var_os("PATH").unwrap_or_default();
    let found = std::iter::once(tools)
        .chain(env::split_paths(&path))
        .map(|folder| folder.join(PROGRAM));
    let found = found.into_iter().find(|program| program.is_file());
    if found.is_none() {
        eprintln!(
            "{PROGRAM} is not installed: `cargo install {PROGRAM} --root target/tools --locked`"
        );
    }
    found
}

impl Rival {
    /// Makes the data files from what composegen wrote, renders once, and compares.
    ///
    /// # Errors
    /// A step failed, or the rendered document is another one.
    pub fn prepare(program: &Path, stage: &Stage) -> Result<Self, String> {
        let folder = stage.empty_folder("plain")?;
        let outputs = stage.outputs()?;
        let mut rival = Self {
            program: program.to_owned(),
            pages: Vec::new(),
            log: stage.log(PROGRAM),
            in_time: true,
            first: Usage::default(),
        };
        for output in outputs.iter().filter(|output| output.is_compose()) {
            rival.pages.push(rival.page(output, &folder)?);
        }
        let started = Instant::now();
        rival.first = rival.run()?;
        rival.in_time = started.elapsed() < PATIENCE;
        rival.compare(&outputs)?;
        Ok(rival)
    }

    fn page(&self, output: &Output, folder: &Path) -> Result<Page, String> {
        let name = output.path.file_name().ok_or("an output without a name")?;
        let rendered = folder.join(name);
        let data = rendered.with_extension("data.yaml");
        let mut command = Command::new(this_program()?);
        command.arg("--compose-data").arg(&output.path).arg(&data);
        measure::run(&mut command, &self.log)?;
        Ok(Page { data, rendered })
    }

    fn compare(&self, outputs: &[Output]) -> Result<(), String> {
        let ours = outputs.iter().filter(|output| output.is_compose());
        for (output, page) in ours.zip(&self.pages) {
            let mut command = Command::new(this_program()?);
            command
                .arg("--compare")
                .arg(&output.path)
                .arg(&page.rendered);
            measure::run(&mut command, &self.log)?;
        }
        Ok(())
    }

    /// Renders every file, one process each.
    ///
    /// # Errors
    /// The tool failed.
    pub fn run(&self) -> Result<Usage, String> {
        self.pages.iter().try_fold(Usage::default(), |usage, page| {
            Ok(usage.then(self.render(page)?))
        })
    }

    fn render(&self, page: &Page) -> Result<Usage, String> {
        let template =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/whole_process/compose.j2");
        let mut command = Command::new(&self.program);
        command.args([
            "--autoescape",
            "none",
            "--trim-blocks",
            "--lstrip-blocks",
            "--output",
        ]);
        command.arg(&page.rendered).arg(template).arg(&page.data);
        measure::run(&mut command, &self.log)
    }

    /// Whether one run ends within a minute.
    pub fn in_time(&self) -> bool {
        self.in_time
    }

    /// How many bytes it renders.
    ///
    /// # Errors
    /// A rendered file is not there.
    pub fn rendered_length(&self) -> Result<u64, String> {
        let length = |page: &Page| std::fs::metadata(&page.rendered).map(|data| data.len());
        self.pages
            .iter()
            .map(length)
            .sum::<Result<u64, _>>()
            .map_err(|error| error.to_string())
    }
}
