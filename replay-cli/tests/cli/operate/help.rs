//! The help of every command.

use queue_ops::Exit;

use super::Site;
use super::site::same;

/// The commands that a help lists, but the one that is about help.
fn listed(help: &str) -> Vec<String> {
    let Some((_, rest)) = help.split_once("\nCommands:\n") else {
        return Vec::new();
    };
    let lines = rest.lines().take_while(|line| !line.is_empty());
    // What a command is about may take more than one line.
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let names = names.filter(|name| !name.is_empty() && *name != "help");
    names.map(str::to_owned).collect()
}

/// Every noun that the program has, with its verbs.
fn nouns(site: &Site) -> Vec<(String, Vec<String>)> {
    let help = |line: &str| site.desk.run(&format!("{line} --help")).data();
    let nouns = listed(&help("")).into_iter();
    let all: Vec<_> = nouns
        .map(|noun| {
            let verbs = listed(&help(&noun));
            (noun, verbs)
        })
        .collect();
    assert!(all.len() > 15 && all.iter().any(|(_, verbs)| verbs.len() > 3));
    all
}

#[test]
fn every_command_tells_of_itself() {
    let site = Site::empty_sqlite();
    let codes = Exit::table();
    let nouns = nouns(&site);
    for (noun, verbs) in &nouns {
        let lines = std::iter::once(noun.to_owned())
            .chain(verbs.iter().map(|verb| format!("{noun} {verb}")));
        let mut text = String::new();
        for line in lines {
            let help = site.desk.run(&format!("{line} --help")).data();
            assert!(help.contains(&codes), "{line}: {help}");
            // What stands in every one of them is looked at once.
            let (before, rest) = help.split_once("\nOptions everywhere:").unwrap();
            let after = rest.split_once("\nExample").map_or("", |(_, after)| after);
            let after = after.replace(&codes, "");
            text += &format!(
                "$ leasehold {line} --help\n{before}\nExample{}\n\n",
                after.trim_end()
            );
        }
        same(&format!("help-{noun}"), &text);
    }
    let all = site.desk.run("--help").data();
    for (noun, _) in &nouns {
        assert!(all.contains(&format!("\n  {noun} ")), "{noun}: {all}");
    }
    same("help", &all);
}

#[test]
fn the_manual_has_a_page_for_every_command() {
    let site = Site::empty_sqlite();
    site.desk.run("man .").data();
    let page = |name: &str| std::fs::read_to_string(site.desk.0.path().join(name)).unwrap();
    assert!(page("leasehold.1").contains("leasehold"));
    for (noun, verbs) in nouns(&site) {
        page(&format!("leasehold-{noun}.1"));
        for verb in verbs {
            assert!(
                page(&format!("leasehold-{noun}-{verb}.1")).contains("Example"),
                "{verb}"
            );
        }
    }
    let ran = site.desk.run("man nowhere");
    assert!(
        ran.error(74)
            .starts_with("error: nowhere cannot be written to: "),
        "{ran:?}"
    );
}
