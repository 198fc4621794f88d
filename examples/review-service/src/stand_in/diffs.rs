//! Differences as the depot shows them: hunks of code, of which some have what must not leave the house.

use super::draw::Draw;

const UNCHANGED: [&str; 10] = [
    "    let limit = self.limit;",
    "    let mut total = 0;",
    "    if entries.is_empty() {",
    "        return None;",
    "    }",
    "    for entry in &entries {",
    "        total += entry.weight;",
    "    }",
    "",
    "    // The caller holds the lock.",
];

const REMOVED: [&str; 6] = [
    "    let found = self.entries.get(key).unwrap();",
    "    while total > limit {",
    "    std::thread::sleep(Duration::from_secs(1));",
    "    let rows = db.query(&format!(\"select * from orders where id = {id}\"));",
    "    retries += 1;",
    "    self.evicted = self.evicted + 1;",
];

const ADDED: [&str; 8] = [
    "    let Some(found) = self.entries.get(key) else { return None };",
    "    while total >= limit {",
    "    backoff.wait(attempt).await;",
    "    let rows = db.query(\"select * from orders where id = $1\", &[&id]);",
    "    if retries > MAX_RETRIES { return Err(Gone) }",
    "    self.evicted += 1;",
    "    tracing::debug!(total, \"evicting\");",
    "    entries.sort_unstable_by_key(|entry| entry.used);",
];

/// What is in no diff that leaves the house. None of them opens anything: they are made up, as examples are.
const SECRET: [&str; 7] = [
    "    let token = \"ghp_16C7e42F292c6912E7710c838347Ae178B4a\";",
    "    // aws_access_key_id = AKIAIOSFODNN7EXAMPLE",
    "    let password = \"hunter2-but-longer\";",
    "    let url = \"postgres://orders:s3cr3t-w0rd@db.internal.example.com/orders\";",
    "    // ask mara.lind@example.com on build-7.corp.example.com",
    "    request.header(\"Authorization\", \"Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJleGFtcGxlIn0.c2lnbmF0dXJlLWlzLW1hZGUtdXA\");",
    "    const KEY: &str = \"-----BEGIN PRIVATE KEY-----\\nMIIBVQIBADANBgkqhkiG9w0BAQEFAASCAT8wggE7\\n-----END PRIVATE KEY-----\";",
];

/// The difference of one file, as `p4 describe -du` writes it.
pub(super) fn of_file(path: &str, revision: u32, draw: &mut Draw) -> String {
    let mut diff = format!("==== {path}#{revision} (text) ====\n\n");
    let mut line = 0;
    for _ in 0..draw.between(1, 3) {
        line += draw.between(5, 60);
        let mut hunk = Hunk::default();
        hunk.unchanged(draw, 3);
        hunk.changed('-', &REMOVED, draw, 0, 2);
        hunk.changed('+', &ADDED, draw, 1, 4);
        if draw.below(8) == 0 {
            hunk.line('+', draw.one(&SECRET));
        }
        hunk.unchanged(draw, 3);
        diff.push_str(&format!(
            "@@ -{line},{} +{line},{} @@\n{}",
            hunk.before, hunk.after, hunk.text
        ));
        line += hunk.after;
    }
    diff.push('\n');
    diff
}

#[derive(Debug, Default)]
struct Hunk {
    text: String,
    before: usize,
    after: usize,
}

impl Hunk {
    fn unchanged(&mut self, draw: &mut Draw, lines: usize) {
        for _ in 0..lines {
            self.line(' ', draw.one(&UNCHANGED));
        }
    }

    fn changed(&mut self, sign: char, pool: &[&str], draw: &mut Draw, least: usize, most: usize) {
        for _ in 0..draw.between(least, most) {
            self.line(sign, draw.one(pool));
        }
    }

    fn line(&mut self, sign: char, line: &str) {
        self.before += usize::from(sign != '+');
        self.after += usize::from(sign != '-');
        self.text.push(sign);
        self.text.push_str(line);
        self.text.push('\n');
    }
}
