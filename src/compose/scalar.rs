//! Scalars: texts, and values with a type that may still hold a `{{ }}` or a `${ }`.

use schemars::{Schema, SchemaGenerator};

use super::ambiguous::{self, IN_QUOTES};
use super::value::{Evaluator, Language, Reader, Sink, Value, may_be_open};
use crate::finding::Finding;
use crate::place::Place;
use crate::rule::Rule;
use crate::schema;
use crate::values::Refusal;
use crate::values::cpus::Cpus;
use crate::values::duration::Duration;
use crate::values::factor::Factor;
use crate::values::image::ImageRef;
use crate::values::interpolation;
use crate::values::memory::Memory;
use crate::values::mode_class::ModeClass;
use crate::values::percent::Percent;
use crate::values::port::PortMapping;
use crate::values::restart::Restart;
use crate::values::shown::shown;
use crate::yaml::ambiguous::Otherwise;
use crate::yaml::node::{Kind, Node};
use crate::yaml::number;

/// A type that is written as one scalar.
pub trait Scalar<'s>: Copy + 's {
    /// The rule that a text breaks which is none.
    const RULE: Rule = Rule::WrongType;
    /// What may stand here, for messages: "a size such as `512M`".
    const EXPECTED: &'static str;
    /// How to write what everybody reads alike.
    const UNAMBIGUOUS: &'static str = IN_QUOTES;

    /// Of which kinds it matters that other readers of YAML take the text for something else.
    fn is_ambiguous(_: Otherwise) -> bool {
        false
    }

    /// Whether it is a number, of which Compose takes every spelling that YAML has for one without quotes.
    const IS_NUMBER: bool = false;

    /// The value of a text.
    fn parse(text: &'s str) -> Result<Self, Refusal>;

    /// The value of a text in a Compose file, where more is taken than in a catalog.
    fn parse_loosely(text: &'s str) -> Result<Self, Refusal> {
        Self::parse(text)
    }

    /// Whether a text in a Compose file is as good as none, where a catalog may not hold it.
    fn is_nothing(_: &str) -> bool {
        false
    }

    /// Writes it.
    fn write(&self, out: &mut Sink);
    /// Its JSON schema, without the form that holds an expression.
    fn schema() -> Schema;
}

/// A scalar as it was written: known, open until it is evaluated or interpolated, or refused already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Is<'s, T> {
    /// The value.
    Known(T),
    /// A text that holds a `{{ }}` or a `${ }`. Few scalars do: it stands elsewhere, so that most others are shorter.
    Open(&'s &'s str),
    /// No value of the type; a finding says so already, or it is as good as none.
    Bad,
}

/// A scalar of the type `T` with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Val<'s, T> {
    /// Where it was written.
    pub place: Place,
    /// What was written.
    pub is: Is<'s, T>,
}

impl<'s, T: Scalar<'s>> Val<'s, T> {
    /// A known value.
    pub fn known(value: T, place: Place) -> Self {
        Val {
            place,
            is: Is::Known(value),
        }
    }

    /// The value, where it is known.
    pub fn get(&self) -> Option<T> {
        match self.is {
            Is::Known(value) => Some(value),
            Is::Open(_) | Is::Bad => None,
        }
    }

    /// The value that it has when no variable is set: known, or what the defaults of its variables give.
    pub fn with_defaults(&self, arena: &'s bumpalo::Bump) -> Option<T> {
        match self.is {
            Is::Known(value) => Some(value),
            Is::Open(text) => {
                let text = interpolation::with_defaults(text)?;
                T::parse(arena.alloc_str(&text)).ok()
            }
            Is::Bad => None,
        }
    }

    fn parsed(text: &'s str, place: Place, findings: &crate::finding::Findings) -> Self {
        Val::of(T::parse(text), place, findings)
    }

    /// Of what was read.
    fn of(read: Result<T, Refusal>, place: Place, findings: &crate::finding::Findings) -> Self {
        let is = match read {
            Ok(value) => Is::Known(value),
            Err(refusal) => {
                findings.add(Finding::refused(T::RULE, place, refusal));
                Is::Bad
            }
        };
        Val { place, is }
    }

    /// The value as Compose takes it.
    fn loosely(node: &Node<'_, 's>, text: &'s str, cx: &Reader<'_, 's>) -> Result<T, Refusal> {
        match (node.kind, T::IS_NUMBER) {
            (Kind::Plain(_), true) => T::parse_loosely(as_decimal(text, cx.arena)),
            _ => T::parse_loosely(text),
        }
    }
}

impl<'s, T: Scalar<'s>> Value<'s> for Val<'s, T> {
    fn read(node: &Node<'_, 's>, cx: &Reader<'_, 's>) -> Option<Self> {
        let place = node.place;
        let text = match node.kind {
            Kind::Plain(text) | Kind::Quoted(text) if !node.is_null() => text,
            _ => {
                cx.wrong_type(node, T::EXPECTED);
                return Some(Val { place, is: Is::Bad });
            }
        };
        Some(if cx.is_open(text) {
            let is = Is::Open(cx.arena.alloc(text));
            Val { place, is }
        } else if cx.language == Language::Compose && T::is_nothing(text) {
            Val { place, is: Is::Bad }
        } else {
            let read = match cx.language {
                Language::Catalog | Language::Generated => T::parse(text),
                Language::Compose => Val::loosely(node, text, cx),
            };
            let value = Val::of(read, place, cx.findings);
            if value.get().is_some() {
                ambiguous::note(node, T::is_ambiguous, T::UNAMBIGUOUS, cx);
            }
            value
        })
    }

    fn touch(&self) -> u8 {
        self.place.len as u8
    }

    fn is_open(&self) -> bool {
        matches!(self.is, Is::Open(_))
    }

    fn resolve(&self, cx: &dyn Evaluator<'s>) -> Self {
        let place = self.place;
        let Is::Open(text) = self.is else {
            return *self;
        };
        match cx.text(text, place) {
            None => Val { place, is: Is::Bad },
            Some(text) if interpolation::has_variable(text) => Val {
                place,
                is: Is::Open(cx.arena().alloc(text)),
            },
            Some(text) => Val::parsed(text, place, cx.findings()),
        }
    }

    fn write(&self, out: &mut Sink) {
        out.at(self.place);
        match self.is {
            Is::Known(value) => value.write(out),
            Is::Open(text) => out.yaml.text(text),
            Is::Bad => out.yaml.null(),
        }
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        expecting::<T>()
    }
}

/// A number without quotes as everybody writes it, where YAML has another spelling for it.
fn as_decimal<'s>(text: &'s str, arena: &'s bumpalo::Bump) -> &'s str {
    match number::in_decimal(text) {
        Some(decimal) if decimal != text => arena.alloc_str(&decimal),
        _ => text,
    }
}

/// What a text matches that waits for an expression of ours or for Compose's interpolation; and what an editor that
/// knows Compose's tags sees in `!reset null`.
const OPEN: &str = r"\$|\{\{|^null$";

/// The schema of a scalar, open or not, with what an editor says where a text does not match its pattern.
pub fn expecting<'s, T: Scalar<'s>>() -> Schema {
    let mut schema = or_open(T::schema());
    if schema.get("pattern").is_some() {
        let message = format!("Expected {}.", T::EXPECTED);
        schema.insert("patternErrorMessage".to_owned(), message.into());
    }
    schema
}

/// The same schema, or a text with a `{{ }}` or a `${ }`.
pub fn or_open(schema: Schema) -> Schema {
    match schema.get("enum") {
        Some(_) => schema!({ "anyOf": [schema, { "type": "string", "pattern": OPEN }] }),
        None => or_pattern(schema, OPEN),
    }
}

/// The same schema, whose texts may match another pattern as well. A schema without a pattern takes every text already.
pub fn or_pattern(mut schema: Schema, other: &str) -> Schema {
    if let Some(pattern) = schema.get("pattern").and_then(|pattern| pattern.as_str()) {
        let either = format!("{pattern}|{other}");
        schema.insert("pattern".to_owned(), either.into());
    }
    schema
}

/// A text. A number or a boolean that nobody quoted is refused, as Compose refuses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'s> {
    /// The characters.
    pub text: &'s str,
    /// Where it was written.
    pub place: Place,
}

impl<'s> Text<'s> {
    /// A text of the program's own.
    pub fn made(text: &'s str) -> Self {
        Text {
            text,
            place: Place::NOWHERE,
        }
    }

    fn resolved(&self, cx: &dyn Evaluator<'s>) -> Self {
        match may_be_open(self.text) {
            true => Text {
                text: cx.text(self.text, self.place).unwrap_or(self.text),
                ..*self
            },
            false => *self,
        }
    }
}

impl<'s> Value<'s> for Text<'s> {
    fn read(node: &Node<'_, 's>, cx: &Reader<'_, 's>) -> Option<Self> {
        let text = node.as_text().filter(|_| cx.kind_word(node) == "a text");
        if text.is_none() {
            cx.wrong_type(node, "a text");
        }
        text.map(|text| Text {
            text,
            place: node.place,
        })
    }

    fn touch(&self) -> u8 {
        self.text.bytes().next().unwrap_or(0)
    }

    fn is_open(&self) -> bool {
        may_be_open(self.text)
    }

    fn resolve(&self, cx: &dyn Evaluator<'s>) -> Self {
        self.resolved(cx)
    }

    fn write(&self, out: &mut Sink) {
        out.at(self.place);
        out.yaml.text(self.text);
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        schema!({ "type": "string" })
    }
}

/// A text, number or boolean that ends as a text: values of `environment`, labels, options, arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loose<'s>(
    /// The text, as written.
    pub Text<'s>,
);

impl<'s> Value<'s> for Loose<'s> {
    fn read(node: &Node<'_, 's>, cx: &Reader<'_, 's>) -> Option<Self> {
        let text = node.as_text().filter(|_| !node.is_null());
        if text.is_none() {
            cx.wrong_type(node, "a text, a number, or true or false");
        }
        ambiguous::note(node, always, IN_QUOTES, cx);
        text.map(|text| {
            Loose(Text {
                text,
                place: node.place,
            })
        })
    }

    fn touch(&self) -> u8 {
        self.0.touch()
    }

    fn is_open(&self) -> bool {
        self.0.is_open()
    }

    fn resolve(&self, cx: &dyn Evaluator<'s>) -> Self {
        Loose(self.0.resolved(cx))
    }

    fn write(&self, out: &mut Sink) {
        self.0.write(out);
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        schema!({ "type": ["string", "number", "boolean"] })
    }
}

/// Makes an enum of words a scalar: one word a variant, with what each says in the schema.
#[macro_export]
macro_rules! words {
    ($(#[$doc:meta])* $Name:ident, $expected:literal, $($(#[$vdoc:meta])* $Variant:ident => $word:literal),* $(,)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $Name { $($(#[$vdoc])* $Variant),* }

        impl $Name {
            /// The words, as they are written.
            pub const WORDS: &'static [&'static str] = &[$($word),*];

            /// The word.
            pub fn word(self) -> &'static str {
                match self { $($Name::$Variant => $word),* }
            }
        }

        impl<'s> $crate::compose::scalar::Scalar<'s> for $Name {
            const EXPECTED: &'static str = $expected;

            fn parse(text: &'s str) -> Result<Self, $crate::values::Refusal> {
                match text {
                    $($word => Ok($Name::$Variant),)*
                    _ => Err($crate::compose::scalar::no_word(text, $expected, Self::WORDS)),
                }
            }

            fn write(&self, out: &mut $crate::compose::value::Sink) {
                out.yaml.text(self.word());
            }

            fn schema() -> schemars::Schema {
                $crate::schema!({ "enum": $crate::compose::scalar::word_values(Self::WORDS) })
            }
        }
    };
}

/// The values that words are in YAML: `true` without quotes is no text.
pub fn word_values(words: &[&str]) -> Vec<serde_json::Value> {
    let value = |word: &&str| match *word {
        "true" => true.into(),
        "false" => false.into(),
        text => text.into(),
    };
    words.iter().map(value).collect()
}

/// The refusal of a text that is none of some words.
pub fn no_word(text: &str, expected: &str, words: &[&str]) -> Refusal {
    let list: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    let refusal = Refusal::new(format!("expected {expected}, not {}", shown(text)));
    match crate::values::suggest::nearest(text, words.iter().copied()) {
        Some(word) => refusal.with_help(format!("did you mean `{word}`?")),
        None => refusal.with_help(format!("write one of {}", list.join(", "))),
    }
}

/// True or false.
impl<'s> Scalar<'s> for bool {
    const EXPECTED: &'static str = "true or false";

    fn parse(text: &'s str) -> Result<Self, Refusal> {
        match text {
            "true" | "True" | "TRUE" => Ok(true),
            "false" | "False" | "FALSE" => Ok(false),
            _ => {
                let refusal = format!("expected true or false, not {}", shown(text));
                let meant = match text.to_ascii_lowercase().as_str() {
                    "yes" | "on" | "y" => "true",
                    "no" | "off" | "n" => "false",
                    _ => return Err(Refusal::new(refusal)),
                };
                Err(Refusal::new(refusal).with_help(format!("write `{meant}`")))
            }
        }
    }

    fn parse_loosely(text: &'s str) -> Result<Self, Refusal> {
        match text.to_ascii_lowercase().as_str() {
            "y" | "yes" | "on" | "true" => Ok(true),
            "n" | "no" | "off" | "false" => Ok(false),
            _ => Self::parse(text),
        }
    }

    fn write(&self, out: &mut Sink) {
        out.yaml.raw(if *self { "true" } else { "false" });
    }

    fn schema() -> Schema {
        schema!({ "type": ["boolean", "string"], "pattern": "^([Tt]rue|TRUE|[Ff]alse|FALSE)$" })
    }
}

/// A whole number.
impl<'s> Scalar<'s> for i64 {
    const IS_NUMBER: bool = true;
    const EXPECTED: &'static str = "a whole number";
    const UNAMBIGUOUS: &'static str = "write it without zeros before it";

    fn is_ambiguous(kind: Otherwise) -> bool {
        matches!(kind, Otherwise::Octal | Otherwise::Sixty)
    }

    fn parse(text: &'s str) -> Result<Self, Refusal> {
        text.parse()
            .map_err(|_| Refusal::new(format!("expected a whole number, not {}", shown(text))))
    }

    fn write(&self, out: &mut Sink) {
        out.yaml.raw(&self.to_string());
    }

    fn schema() -> Schema {
        schema!({ "type": ["integer", "string"], "pattern": "^[-+]?[0-9]+$" })
    }
}

/// What is added to a port of the host.
impl<'s> Scalar<'s> for u16 {
    const EXPECTED: &'static str = "a whole number from 0 to 65535";

    fn parse(text: &'s str) -> Result<Self, Refusal> {
        text.parse()
            .map_err(|_| Refusal::new(format!("expected {}, not {}", Self::EXPECTED, shown(text))))
    }

    fn write(&self, out: &mut Sink) {
        out.yaml.raw(&self.to_string());
    }

    fn schema() -> Schema {
        schema!({ "type": ["integer", "string"], "minimum": 0, "maximum": 65535, "pattern": "^[0-9]+$" })
    }
}

/// A number that Compose hands on as it is, kept as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number<'s>(
    /// The number, as written.
    pub &'s str,
);

impl<'s> Scalar<'s> for Number<'s> {
    const EXPECTED: &'static str = "a number";

    fn parse(text: &'s str) -> Result<Self, Refusal> {
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Number(text)),
            _ => Err(Refusal::new(format!(
                "expected a number, not {}",
                shown(text)
            ))),
        }
    }

    /// As written: a file's mode in octal stays one.
    fn parse_loosely(text: &'s str) -> Result<Self, Refusal> {
        match number::in_decimal(text) {
            Some(_) => Ok(Number(text)),
            None => Self::parse(text),
        }
    }

    fn write(&self, out: &mut Sink) {
        out.yaml.raw(self.0);
    }

    fn schema() -> Schema {
        schema!({
            "type": ["string", "number"],
            "pattern": r"^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$",
        })
    }
}

fn never(_: Otherwise) -> bool {
    false
}

fn always(_: Otherwise) -> bool {
    true
}

fn as_boolean(kind: Otherwise) -> bool {
    kind == Otherwise::OldBoolean
}

macro_rules! displayed {
    ($type:ty, $rule:expr, $ambiguous:expr, $expected:literal, $schema:tt) => {
        displayed!(
            $type,
            $rule,
            $ambiguous,
            $expected,
            $schema,
            |value, out| out.yaml.text(&value.to_string())
        );
    };
    ($type:ty, $rule:expr, $ambiguous:expr, $expected:literal, $schema:tt, |$value:ident, $out:ident| $write:expr $(, $is_number:literal, $loosely:path)?) => {
        impl<'s> Scalar<'s> for $type {
            const RULE: Rule = $rule;
            const EXPECTED: &'static str = $expected;

            fn is_ambiguous(kind: Otherwise) -> bool {
                $ambiguous(kind)
            }

            $(const IS_NUMBER: bool = $is_number;)?

            fn parse(text: &'s str) -> Result<Self, Refusal> {
                text.parse()
            }

            $(fn parse_loosely(text: &'s str) -> Result<Self, Refusal> {
                $loosely(text)
            })?

            fn write(&self, $out: &mut Sink) {
                let $value = self;
                $write;
            }

            fn schema() -> Schema {
                schema!($schema)
            }
        }
    };
}

displayed!(Memory, Rule::BadSize, never, "a size such as `512M` or `2G`", {
    "type": ["string", "number"], "minimum": 0,
    "pattern": r"^([0-9]+\.?[0-9]*|\.[0-9]+)( ?([bB]|[kKmMgGtTpP]([iI]?[bB])?))?$",
}, |value, out| out.yaml.raw_with(|text| value.push_to(text)), true, Memory::loosely);
displayed!(Duration, Rule::BadDuration, never, "a duration such as `30s` or `1m30s`", {
    // A number alone is a duration only where it is 0.
    "type": ["string", "integer"],
    "if": { "type": "integer" },
    "then": { "const": 0, "errorMessage": "Expected a duration such as `30s` or `1m30s`." },
    "pattern": r"^(0|(([0-9]+\.?[0-9]*|\.[0-9]+)([nuµμm]?s|[mh]))+)$",
}, |value, out| out.yaml.raw_with(|text| value.push_to(text)), false, Duration::loosely);
displayed!(ModeClass, Rule::WrongType, never, "`test` or `production`", { "enum": ["test", "production"] });
displayed!(Restart, Rule::WrongType, as_boolean, "a restart policy such as `unless-stopped`", {
    "type": "string", "pattern": "^(no|always|unless-stopped|on-failure(:[0-9]+)?)$",
    "examples": ["no", "always", "unless-stopped", "on-failure"],
}, |value, out| out.yaml.text(&value.to_string()), false, restart);

/// Compose takes nothing for `no`.
fn restart(text: &str) -> Result<Restart, Refusal> {
    match text {
        "" => Ok(Restart::No),
        other => other.parse(),
    }
}

displayed!(Factor, Rule::WrongType, never, "a factor such as `1.5`", {
    "type": ["string", "number"], "exclusiveMinimum": 0, "maximum": 100,
    "pattern": r"^([0-9]+\.?[0-9]*|\.[0-9]+)$",
});
displayed!(Percent, Rule::BadSize, never, "a percentage such as `50%`", {
    "type": "string", "pattern": "^0*([1-9][0-9]?|100)%$",
});
displayed!(PortMapping, Rule::BadPort, always, "a port such as `\"8080:80\"`", {
    "type": ["string", "integer"], "minimum": 1, "maximum": 65535,
    "pattern": r"^([^\s/]*:)?[0-9]+(-[0-9]+)?(/[a-zA-Z]*)?$",
}, |value, out| out.yaml.text_with(|text| value.push_to(text)), false, PortMapping::loosely);

/// Memory and swap together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swap {
    /// At most so much of both.
    AtMost(Memory),
    /// `-1`: any amount of swap.
    Unlimited,
}

impl<'s> Scalar<'s> for Swap {
    const IS_NUMBER: bool = true;
    const RULE: Rule = Rule::BadSize;
    const EXPECTED: &'static str = "a size such as `1G`, or -1";

    fn parse(text: &'s str) -> Result<Self, Refusal> {
        match text {
            "-1" => Ok(Swap::Unlimited),
            size => size.parse().map(Swap::AtMost),
        }
    }

    fn parse_loosely(text: &'s str) -> Result<Self, Refusal> {
        match text {
            "-1" => Ok(Swap::Unlimited),
            size => Memory::loosely(size).map(Swap::AtMost),
        }
    }

    fn write(&self, out: &mut Sink) {
        match self {
            Swap::AtMost(size) => size.write(out),
            // Compose takes the number alone, not a text of it.
            Swap::Unlimited => out.yaml.raw("-1"),
        }
    }

    fn schema() -> Schema {
        let mut schema = or_pattern(<Memory as Scalar>::schema(), "^-1$");
        schema.insert("minimum".to_owned(), (-1).into());
        schema
    }
}

impl<'s> Scalar<'s> for Cpus {
    const IS_NUMBER: bool = true;
    const RULE: Rule = Rule::BadCpus;
    const EXPECTED: &'static str = "a number of CPUs such as `0.5`";

    fn parse(text: &'s str) -> Result<Self, Refusal> {
        text.parse()
    }

    fn parse_loosely(text: &'s str) -> Result<Self, Refusal> {
        Cpus::loosely(text)
    }

    /// No limit.
    fn is_nothing(text: &str) -> bool {
        text.parse::<f64>() == Ok(0.0)
    }

    fn write(&self, out: &mut Sink) {
        out.yaml.raw_with(|text| self.push_to(text));
    }

    fn schema() -> Schema {
        schema!({
            "type": ["string", "number"], "minimum": 0.01,
            "pattern": r"^([0-9]+\.?[0-9]*|\.[0-9]+)$",
        })
    }
}

impl<'s> Scalar<'s> for ImageRef<'s> {
    const RULE: Rule = Rule::BadImage;
    const EXPECTED: &'static str = "an image such as `influxdb:2.7`";

    fn parse(text: &'s str) -> Result<Self, Refusal> {
        ImageRef::parse(text)
    }

    fn is_nothing(text: &str) -> bool {
        text.is_empty()
    }

    fn write(&self, out: &mut Sink) {
        out.yaml.text(self.as_str());
    }

    fn schema() -> Schema {
        // Only the usual slips: blanks, and the address of a page.
        schema!({ "type": "string", "pattern": r"^[a-zA-Z0-9]([^\s:]|:[^\s/])*$" })
    }
}
