//! What must hold for every catalog and every text.

mod budget;
mod catalogs;
mod drawn;
mod hostile;
mod yaml;
