//! Every test that sees the program as its users do, in one binary: a kind is a module.

mod golden;
mod properties;
