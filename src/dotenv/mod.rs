//! Env files in Compose's own dialect: what `docker compose --env-file FILE` reads, every entry with its place.
//!
//! The dialect is that of compose-go (package `dotenv`), as Docker Compose 2.40 has it: `export`, single and double
//! quotes, comments, `NAME` without a value, `NAME: value`, values over several lines, interpolation. A test holds
//! this reader against the real one.
//!
//! | file | what stands there |
//! |---|---|
//! | `read.rs` | from a text to its entries |
//! | `escapes.rs` | what `\` means between double quotes |
//! | `traps.rs` | values that are read otherwise than they look |
//! | `resolve.rs` | several files and an environment become values |
//! | `write.rs` | a value as a file holds it |
//! | `names.rs` | which stretches of a file a message may repeat |

mod escapes;
mod names;
mod read;
mod resolve;
mod traps;
mod write;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

pub use names::{is_name, tellable, tellable_stretches};
pub use read::read;
pub use resolve::{Resolved, resolve};
pub use write::{MADE_UP, written};

/// What an env file says.
#[derive(Debug, Default)]
pub struct EnvFile<'s> {
    /// Its entries, in its order. A name may stand there more than once.
    pub entries: Vec<Entry<'s>>,
    /// What Compose refuses in it, or reads otherwise than it looks; at most one for each line.
    pub problems: Vec<Problem>,
}

/// One name with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'s> {
    /// The name.
    pub name: &'s str,
    /// Where the name stands, in bytes of the file.
    pub name_at: Range<usize>,
    /// Where the value stands, its quotes included; empty behind the name where there is none.
    pub value_at: Range<usize>,
    /// How the value is written.
    pub form: Form,
    /// The value, before interpolation.
    pub value: Value<'s>,
    /// Whether the comment right above it says that its value was made up; see [`MADE_UP`].
    pub made_up: bool,
    /// Whether it stands behind the closing quote of another entry's value, where nobody means an entry.
    pub behind_quote: bool,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Up to the end of the line, or to a comment; interpolated.
    Plain,
    /// Between single quotes: taken as it is.
    Single,
    /// Between double quotes: escapes, then interpolation.
    Double,
    /// A name alone: the value is that of the environment, or of an earlier entry.
    Inherited,
    /// A quote that nothing closes: no value can be told.
    Broken,
}

impl Form {
    /// Whether `$` means a variable in it.
    pub fn is_interpolated(self) -> bool {
        match self {
            Form::Plain | Form::Double => true,
            Form::Single | Form::Inherited | Form::Broken => false,
        }
    }
}

/// A value of an env file. It may be a secret: it has no `Display`, and its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Value<'s>(Cow<'s, str>);

impl<'s> Value<'s> {
    fn new(text: impl Into<Cow<'s, str>>) -> Self {
        Value(text.into())
    }

    /// The text, for comparing. Whoever calls this keeps it out of every message.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

/// Something in an env file that is not as its writer meant it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What it is.
    pub kind: ProblemKind,
    /// Where it stands, in bytes of the file.
    pub at: Range<usize>,
    /// The entry it belongs to, by its place among the file's entries; `None` where there is no entry.
    pub entry: Option<usize>,
    /// Whether Compose refuses the file for it, or for what follows from it.
    pub refused: bool,
}

/// What can be wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// A byte that is no UTF-8.
    NoText,
    /// A blank within the name.
    BlankInName,
    /// A character that no name has.
    BadCharacter(char),
    /// A quote that nothing closes.
    OpenQuote,
    /// A `${` that is no variable.
    BadVariable,
    /// A variable that must be set and is not: `${NAME:?}`.
    MissingVariable,
    /// Variables in it make the values of the files larger than any that people write.
    TooLarge,
    /// A byte-order mark.
    ByteOrderMark,
    /// A value without a name.
    NoName,
    /// A name alone on a last line that has no end: Compose reads no name there.
    NameAtEnd,
    /// Something behind a closing quote that is no comment.
    BehindQuote,
    /// A value that begins with `#`.
    HashFirst,
    /// A `#` behind a tab.
    HashBehindTab,
    /// A carriage return within a line.
    CarriageReturn,
    /// A NUL, which no environment can hold.
    Nul,
    /// Quotes of a word processor, which quote nothing.
    CurlyQuote,
    /// A blank within a value without quotes.
    Blank,
    /// A variable that nothing sets: Compose puts nothing there.
    UnsetVariable,
}

impl Problem {
    fn new(kind: ProblemKind, at: Range<usize>, entry: Option<usize>) -> Self {
        Problem {
            kind,
            at,
            entry,
            refused: kind.is_refused(),
        }
    }
}

impl ProblemKind {
    /// Whether Compose refuses a file for this alone.
    fn is_refused(self) -> bool {
        match self {
            ProblemKind::BlankInName
            | ProblemKind::BadCharacter(_)
            | ProblemKind::OpenQuote
            | ProblemKind::BadVariable
            | ProblemKind::MissingVariable
            | ProblemKind::TooLarge => true,
            ProblemKind::NoText
            | ProblemKind::ByteOrderMark
            | ProblemKind::NoName
            | ProblemKind::NameAtEnd
            | ProblemKind::BehindQuote
            | ProblemKind::HashFirst
            | ProblemKind::HashBehindTab
            | ProblemKind::CarriageReturn
            | ProblemKind::Nul
            | ProblemKind::CurlyQuote
            | ProblemKind::Blank
            | ProblemKind::UnsetVariable => false,
        }
    }
}
