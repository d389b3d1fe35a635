//! What must hold for every catalog and every text.

mod yaml;
