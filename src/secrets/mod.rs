//! Whether a value is a secret, and which stretch of a text is one. Rules tell it, an import moves it into an env file,
//! and whatever is shown shows it as `***`: all of them ask here.
//!
//! Two questions are answered. `find.rs` says what certainly is a secret, and where exactly it stands: that is told, and
//! moved. `lines.rs` and `tree.rs` say what may be one, and hide too much rather than too little: that is shown.
//!
//! | file | what stands there |
//! |---|---|
//! | `names.rs` | which names make a secret of a value |
//! | `values.rs` | which values are none, whatever their name |
//! | `tokens.rs` | what looks like a secret by itself: tokens of services, webhooks, private keys |
//! | `hashes.rs` | hashes of passwords |
//! | `options.rs` | options of one letter, `mysql -px` |
//! | `find.rs` | the secrets in a value, a command, the lines of a file |
//! | `scan.rs`, `parts.rs`, `split.rs` | along the words of a command; what stands beside a secret; a shell's words |
//! | `signs.rs` | which of these ways a text may have at all, in one pass |
//! | `line.rs` | what one line may hold: `NAME=value`, `--name value`, `${NAME:-value}`, headers, addresses |
//! | `behind.rs` | what stands behind the closing quotation mark of a value, and belongs to it |
//! | `below.rs` | what lines below may hold of a secret |
//! | `random.rs` | words that look like nothing that a person makes up |
//! | `required.rs` | values in the place of a reason, `${NAME:?value}` |
//! | `section.rs` | the top level `secrets` of a Compose file |
//! | `lines.rs` | a text line by line |
//! | `tree.rs` | a text as YAML |
//! | `known.rs` | values that are hidden wherever they stand |
//! | `stretches.rs` | the stretches of a text that are hidden |

mod behind;
mod below;
pub mod find;
mod hashes;
mod known;
mod line;
pub mod lines;
mod long;
pub mod names;
mod options;
mod parts;
mod random;
mod required;
mod scan;
mod section;
mod signs;
mod split;
mod stretches;
mod tokens;
pub mod tree;
pub mod values;

pub use below::indent;
pub use find::{BY_NAME, Declares, Secret, Sign, in_lines, in_text, in_words, under};
pub use hashes::HASH;
pub use known::Known;
pub use line::{Hand, is_of_name, word};
pub use names::{Names, hints, is_sure, makes_secret, tells};
pub use random::words;
pub use stretches::{MASK, Stretches};
pub use tree::Hands;
pub use values::{is_placeholder, is_plain, is_sample};
