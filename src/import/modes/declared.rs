//! What is declared in several modes: a name on the engine that all of them have is shared, and says so.

use crate::import::report::{Notes, Subject};
use crate::import::value::{Entry, Item, Map, Value};

/// What is declared in several modes. A name on the engine that all of them have is shared, and says so.
pub fn merge(section: &str, map: &mut Map, others: &[&Map], modes: &[&str], notes: &mut Notes) {
    for other in others {
        for entry in &other.0 {
            match map.get(&entry.key) {
                None => map.put(entry.clone()),
                Some(value) if *value == entry.value => {}
                Some(_) => {
                    let text = format!(
                        "`{}` is declared otherwise in another mode, and a catalog declares it once: the last mode's stands",
                        entry.key
                    );
                    notes.add(Subject::Lost, entry.place, text);
                }
            }
        }
    }
    if !matches!(section, "volumes" | "networks") {
        return;
    }
    for entry in &mut map.0 {
        let is_everywhere = others.iter().all(|other| other.get(&entry.key).is_some());
        if let (true, Value::Map(words)) = (is_everywhere, &mut entry.value)
            && (words.get("name").is_some() || words.get("external").is_some())
        {
            share(&entry.key, words, modes);
        }
    }
}

fn share(key: &str, words: &mut Map, modes: &[&str]) {
    words.take("external");
    if words.get("name").is_none() {
        words.put(Entry::made("name", Value::of(key)));
    }
    let items = modes
        .iter()
        .map(|mode| Item::made(Value::of(*mode)))
        .collect();
    words.put(Entry::made("shared", Value::List(items)));
    let reason = "the Compose files of all modes name the same one";
    words.put(Entry::made("reason", Value::of(reason)));
}
