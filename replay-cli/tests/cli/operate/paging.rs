use fixtures::bed::job_in;

use super::Site;
use super::site::dead_in;

/// Each page ends with where the next begins; all of them together are all that there is.
#[test]
fn pages_follow_each_other() {
    for site in Site::both() {
        site.seed(async |bed| {
            for name in ["a", "b", "a", "a", "b", "a", "a"] {
                dead_in(bed, name, "BROKEN").await;
            }
            for name in ["a", "b", "a", "a", "b", "a", "a"] {
                bed.put(job_in(name)).await;
            }
        });
        for list in ["dead list --queue a", "job list --queue a"] {
            let (mut after, mut seen) = (String::new(), 0);
            loop {
                let ran = site.run(&format!("{list} --limit 2{after}"));
                assert_eq!(ran.code, 0);
                seen += ran.stdout.lines().count();
                let Some(cursor) = ran.stderr.strip_prefix("there are more:") else {
                    assert_eq!(ran.stderr, "");
                    break;
                };
                after = cursor.trim_end().to_owned();
            }
            assert_eq!(seen, 5, "{list}");
        }
        let line = "dead list --limit 7 --json";
        let all: serde_json::Value = serde_json::from_str(&site.run(line).data()).unwrap();
        assert_eq!(all["next"], serde_json::Value::Null);
        let line = "dead list --limit 6 --json";
        let some = site.run(line);
        let some: serde_json::Value = serde_json::from_str(&some.stdout).unwrap();
        let cursor = some["next"].as_str().unwrap();
        let id = all["items"][5]["id"].to_string();
        assert_eq!(cursor.split_once('.').unwrap().1, id);
    }
}
