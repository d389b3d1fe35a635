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

    /// How often to measure a catalog of that size: the shorter the process, the more noise there is in one run. The
    /// programs take turns; with 100,000 services there is one turn, since what they leave of a machine's memory there
    /// reaches further than the next run (composegen's kernel time was 0.3 to 0.6 s before minijinja-cli had run, and
    /// still 0.9 s in the sixth run behind it).
    pub fn runs_for(&self, services: usize) -> Runs {
        let (turns, of_turn) = match services {
            0..=999 => (41, 1),
            1_000..=99_999 => (15, 1),
            _ => (1, 5),
        };
        match self.runs {
            Some(runs) if turns == 1 => Runs {
                turns,
                of_turn: runs,
            },
            Some(turns) => Runs { turns, of_turn },
            None => Runs { turns, of_turn },
        }
    }
}

/// How often something is measured.
pub struct Runs {
    turns: usize,
    of_turn: usize,
}

impl Runs {
    /// The turns, each as often as it measures.
    pub fn turns(&self) -> impl Iterator<Item = usize> + use<> {
        std::iter::repeat_n(self.of_turn, self.turns)
    }
}

fn sizes(list: &str) -> Result<Vec<usize>, String> {
    let mut sizes = list.split(',').map(number).collect::<Result<Vec<_>, _>>()?;
    sizes.sort_unstable();
    Ok(sizes)
}
