//! `composegen schema`: the schema of a catalog file, and of what `--format json` writes.

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};

use super::{build, diff, import};
use crate::cli::SchemaOf;
use crate::report::json::{Document, NotDone};

/// The text of a schema, with a final line end.
pub fn text(of: SchemaOf) -> String {
    match of {
        SchemaOf::Catalog => crate::catalog::schema::text(),
        SchemaOf::Findings => {
            written::<Document>("What `composegen check --format json` writes, and `env check`")
        }
        SchemaOf::Build => written::<build::Report>("What `composegen build --format json` writes"),
        SchemaOf::Diff => written::<diff::Report>("What `composegen diff --format json` writes"),
        SchemaOf::Import => {
            written::<import::Report>("What `composegen import --format json` writes")
        }
        SchemaOf::Error => {
            written::<NotDone>("What `--format json` writes where the work could not be done")
        }
    }
}

/// Fields are told as they are written: all of them are there.
fn written<T: JsonSchema>(title: &str) -> String {
    let settings = SchemaSettings::draft07().for_serialize();
    let mut schema = SchemaGenerator::new(settings).into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    // A schema is JSON already.
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}
