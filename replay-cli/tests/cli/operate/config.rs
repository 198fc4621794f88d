use super::Site;
use super::site::same;

const FILE: &str = "\
[database]
url = \"postgres://ops:hunter2@db.internal/app?sslkey=/run/hunter2\"

[log]
format = \"json\"
";

#[test]
fn the_configuration_is_checked_and_shown_without_secrets() {
    let site = Site::empty_sqlite();
    let files = [
        ("good.toml", FILE),
        ("key.toml", "[database]\nulr = \"sqlite:jobs.db\"\n"),
        (
            "table.toml",
            "# one line\n[databse]\nurl = \"sqlite:jobs.db\"\n",
        ),
        ("type.toml", "[log]\nlevel = 3\n"),
        ("level.toml", "[log]\nlevel = \"loud\"\n"),
        (
            "syntax.toml",
            "[database]\nurl = \"postgres://ops:hunter2@db\n",
        ),
        (
            "both.toml",
            "[database]\nurl = \"sqlite:a\"\nurl_file = \"b\"\n",
        ),
        (
            "url.toml",
            "[database]\nurl = \"mysql://ops:hunter2@db/app\"\n",
        ),
        ("file.toml", "[database]\nurl_file = \"nowhere\"\n"),
    ];
    let mut text = String::new();
    for (name, content) in files {
        site.desk.file(name, content);
        for json in ["", " --json"]
            .iter()
            .take(if name == "good.toml" { 2 } else { 1 })
        {
            let line = format!("config check --config {name}{json}");
            let ran = site.desk.run(&line);
            text += &format!(
                "$ leasehold {line}\n{}{}exit {}\n\n",
                ran.stdout, ran.stderr, ran.code
            );
        }
    }
    assert!(!text.contains("hunter2"), "{text}");
    same("config", &text);
}

#[test]
fn the_environment_wins_over_the_file_and_the_command_line_over_both() {
    let site = Site::empty_sqlite();
    site.desk.file("good.toml", FILE);
    let mut command = site.desk.command("config check --config good.toml");
    command
        .env("LEASEHOLD_DATABASE_URL", "sqlite:environment.db")
        .env("LEASEHOLD_LOG_LEVEL", "debug")
        .env("LEASEHOLD_LOG_FROMAT", "human");
    let ran = crate::Ran::of(&command.output().unwrap());
    same(
        "config-environment",
        &format!("{}{}exit {}", ran.stdout, ran.stderr, ran.code),
    );
    let mut command = site
        .desk
        .command("config check --config good.toml --database sqlite:line.db");
    let output = command
        .env("LEASEHOLD_DATABASE_URL", "sqlite:environment.db")
        .output();
    let said = crate::Ran::of(&output.unwrap()).data();
    assert!(said.contains("\"sqlite:line.db\"\tcommand line"), "{said}");
}

#[test]
fn a_database_is_found_by_a_file_or_a_file_of_a_file() {
    let site = Site::empty_sqlite().migrated();
    site.desk
        .file("url.toml", format!("[database]\nurl = {:?}\n", site.url));
    site.desk.run("stats --config url.toml").data();
    site.desk.file("secret", format!("{}\n", site.url));
    site.desk
        .file("file.toml", "[database]\nurl_file = \"secret\"\n");
    site.desk.run("stats --config file.toml").data();
}

/// Channels are built, and what keeps them from it is told at once, without what secrets are.
#[test]
fn channels_are_checked_and_shown_without_secrets() {
    let site = Site::empty_sqlite();
    site.desk.file("token", "hunter2");
    let path = site.desk.0.path().join("token");
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let mail = "[channels.email]\ntype = \"smtp\"\nhost = \"relay.example.org\"\nsender = \"bounces@example.org\"\n\
                user = \"queue\"\npassword_file = \"token\"\n";
    let rule = "[[escalations]]\nname = \"outbox\"\nto = [{ channel = \"pager\", recipient = \"ada@example.org\" }]\n";
    let files = [
        ("good.toml", format!("{mail}\n{rule}")),
        (
            "unknown.toml",
            format!(
                "{mail}prot = 25\npassword = \"hunter2\"\n\n[channels.log]\ntype = \"file\"\nhost = \"x\"\n"
            ),
        ),
        (
            "missing.toml",
            mail.replace("\"token\"", "\"nowhere\"")
                + "\n[channels.hooks]\ntype = \"webhook\"\nsecret_file = \"token\"\n\n\
                   [channels.log]\ntype = \"file\"\npath = \"-\"\nburst = 3\n",
        ),
    ];
    let mut text = String::new();
    for (name, content) in files {
        site.desk.file(name, content);
        for json in ["", " --json"]
            .iter()
            .take(if name == "good.toml" { 2 } else { 1 })
        {
            let line = format!("config check --config {name}{json}");
            let ran = site.desk.run(&line);
            text += &format!(
                "$ leasehold {line}\n{}{}exit {}\n\n",
                ran.stdout, ran.stderr, ran.code
            );
        }
    }
    assert!(
        !text.contains("hunter2") && !text.contains("ada@"),
        "{text}"
    );
    same("config-channels", &text);
}

/// Where the daemon is to write archives, and with what it signs them.
#[test]
fn the_place_of_archives_is_tried() {
    let site = Site::empty_sqlite();
    site.desk.run("audit keygen --out audit.pem");
    let folder = site.desk.0.path().display();
    for (archive, key, said) in [
        (".", "nowhere.pem", "`sweeper.audit_key_file`: the secret"),
        (".", "audit.pem.pub", "is no ed25519 key"),
        (
            "nowhere",
            "audit.pem",
            "`sweeper.audit_archive`: no file can be made",
        ),
        ("", "audit.pem", "give `sweeper.audit_archive` as well"),
        (".", "", "give `sweeper.audit_key_file` as well"),
        (".", "audit.pem", ""),
    ] {
        let mut text = "[sweeper]\n".to_owned();
        for (name, value) in [("audit_archive", archive), ("audit_key_file", key)] {
            if !value.is_empty() {
                text += &format!("{name} = \"{folder}/{value}\"\n");
            }
        }
        site.desk.file("archives.toml", text);
        let ran = site.desk.run("config check --config archives.toml");
        if said.is_empty() {
            assert_eq!(ran.code, 0, "{ran:?}");
        } else {
            assert!(ran.error(78).contains(said), "{said}: {ran:?}");
        }
    }
}
