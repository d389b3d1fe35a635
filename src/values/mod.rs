//! Values with a unit or a namespace of their own: what is parsed here is never a bare string again.
//! Nothing here knows a catalog, a file or a terminal.

pub mod bytes;
pub mod circles;
pub mod cpus;
pub(crate) mod decimal;
pub mod duration;
pub mod factor;
pub mod heap;
pub mod image;
pub mod interpolation;
pub mod memory;
pub mod mode_class;
pub mod mount;
pub mod name;
pub mod path;
pub mod percent;
pub mod port;
pub mod prose;
pub mod quotes;
mod refusal;
pub mod restart;
pub mod shell;
pub mod shown;
pub mod subnet;
pub mod suggest;
pub mod trouble;
pub mod url;

/// Why a text is no value of a type: a sentence for people, and the next step where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// One clause that names the text first: "`80Q` is not a size; write ...".
    pub message: String,
    /// What to do, where there is a real next step.
    pub help: Option<String>,
}

impl Refusal {
    /// A refusal without a next step.
    pub fn new(message: impl Into<String>) -> Self {
        Refusal {
            message: message.into(),
            help: None,
        }
    }

    /// The same refusal with a next step.
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
