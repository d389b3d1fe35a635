//! What the command line of the benchmark asks for.

use crate::number;

/// Sizes measured unless `--sizes` says otherwise, in services.
const SIZES: [usize; 4] = [34, 1_000, 10_000, 100_000];
/// Sizes of a smoke run.
const SMOKE_SIZES: [usize; 2] = [34, 1_000];

/// What to measure, and how often.
pub struct Settings {
    /// Sizes of the generated catalogs, in services, smallest first.
    pub sizes: Vec<usize>,
    runs: Option<usize>,
}

impl Settings {
    /// Reads the words of the command line.
    ///
    /// # Errors
    /// An unknown word, or a number that is none.
    pub fn parse(words: &[&str]) -> Result<Self, String> {
        let mut settings = Self {
            sizes: SIZES.to_vec(),
            runs: None,
        };
        // `cargo bench` passes `--bench`; without it this is `cargo test --all-targets`, which asks whether it works.
        if words.contains(&"--smoke") || !words.contains(&"--bench") {
            settings = Self {
                sizes: SMOKE_SIZES.to_vec(),
                runs: Some(1),
            };
        }
        let mut rest = words
            .iter()
            .filter(|word| !matches!(**word, "--smoke" | "--bench"));
        while let Some(word) = rest.next() {
            settings.read(word, rest.next())?;
        }
        Ok(settings)
    }

    fn read(&mut self, word: &str, value: Option<&&str>) -> Result<(), String> {
        let value = value.ok_or_else(|| format!("`{word}` needs a value"))?;
        match word {
            "--sizes" => self.sizes = sizes(value)?,
            "--runs" => self.runs = Some(number(value)?.max(1)),
            _ => {
                return Err(format!(
                    "unknown word `{word}`; known are --sizes, --runs, --smoke"
                ));
            }
        }
        Ok(())
    }

    /// How often to measure a catalog of that size: the shorter the process, the more noise there is in one run. Many more
    /// runs of a short one would measure the file system: for each new file, ext4 passes over the inodes that were freed in
    /// the last half minute, one by one (with 201 runs the bound took 1.3 or 1.7 ms).
    pub fn turns_for(&self, services: usize) -> usize {
        self.runs.unwrap_or(match services {
            0..=999 => 41,
            1_000..=99_999 => 15,
            _ => 7,
        })
    }
}

fn sizes(list: &str) -> Result<Vec<usize>, String> {
    let mut sizes = list.split(',').map(number).collect::<Result<Vec<_>, _>>()?;
    sizes.sort_unstable();
    Ok(sizes)
}
