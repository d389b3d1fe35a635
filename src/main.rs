use bumpalo::Bump;
fn main() {
    let arena = Bump::new();
    let dir = std::env::args().nth(2).unwrap_or("catalog".into());
    let sources = composegen::source::Sources::read(dir.as_ref(), &arena).unwrap();
    let loaded = composegen::pipeline::load(&sources, &arena);
    let mut list = vec![];
    if loaded.parsed {
        let host = loaded
            .catalog
            .default_host
            .map(|h| h.text)
            .or(loaded.catalog.hosts.keys().next().copied())
            .unwrap_or("");
        let plans = composegen::plan::build::plans(&loaded.catalog, host, &arena, &loaded.findings);
        let o = composegen::rules::check(&loaded.catalog, &plans, &loaded.findings);
        list.extend(o.findings);
        for p in &plans {
            println!("{}: {} services", p.mode, p.services.len());
        }
    } else {
        list.extend(loaded.findings.take());
    }
    for f in list {
        println!(
            "{}[{}] {} {} service={:?} modes={:?} way={:?} help={:?} second={:?}",
            f.level.word(),
            f.rule.name(),
            sources.file_line(f.place),
            f.message,
            f.service,
            f.modes,
            f.way,
            f.help,
            f.second.as_ref().map(|s| (sources.file_line(s.0), &s.1))
        );
    }
}
