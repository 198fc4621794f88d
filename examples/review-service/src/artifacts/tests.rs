use super::*;

const DAY: Duration = Duration::from_secs(24 * 3600);

fn opened(folder: &Path) -> Artifacts {
    let settings = ArtifactsSection {
        folder: folder.to_owned(),
        ..ArtifactsSection::default()
    };
    Artifacts::open(&settings).unwrap()
}

fn written(artifacts: &Artifacts, job: i64, artifact: Artifact, age: Duration) {
    artifacts.keep(JobId::new(job), artifact, "x").unwrap();
    let file = File::options()
        .write(true)
        .open(artifacts.path(JobId::new(job), artifact))
        .unwrap();
    file.set_modified(SystemTime::now() - age).unwrap();
}

#[test]
fn raw_ones_go_after_a_week_and_redacted_ones_after_thirty_days() {
    let dir = tempfile::tempdir().unwrap();
    let artifacts = opened(dir.path());
    for job in 1..=2 {
        written(&artifacts, job, Artifact::RawDiff, DAY * 8);
        written(&artifacts, job, Artifact::RedactedDiff, DAY * 8);
    }
    written(&artifacts, 2, Artifact::RawAnswer, DAY * 6);
    written(&artifacts, 3, Artifact::RedactedAnswer, DAY * 31);
    let now = SystemTime::now();
    let removed = artifacts.remove_until(now).unwrap();
    assert_eq!(
        removed,
        Removed {
            files: 3,
            remaining: 3
        }
    );
    let there = |job, artifact| artifacts.get(JobId::new(job), artifact).unwrap().is_some();
    assert!(!there(1, Artifact::RawDiff) && !there(2, Artifact::RawDiff));
    assert!(there(2, Artifact::RawAnswer) && there(1, Artifact::RedactedDiff));
    assert!(!there(3, Artifact::RedactedAnswer));
    assert!(
        !dir.path().join("raw/1").exists(),
        "an empty folder stays behind"
    );
    assert!(dir.path().join("raw/2").exists());
}

#[test]
fn when_it_last_went_through_is_known_to_the_next_process() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(opened(dir.path()).last_removal(), None);
    let now = SystemTime::UNIX_EPOCH + DAY * 20_000;
    opened(dir.path()).remove_until(now).unwrap();
    opened(dir.path()).remove_until(now + DAY).unwrap();
    assert_eq!(opened(dir.path()).last_removal(), Some(now + DAY));
}

#[cfg(unix)]
#[test]
fn nobody_else_may_look() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let open = dir.path().join("artifacts");
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).unwrap();
    let artifacts = opened(&open);
    artifacts
        .keep(JobId::new(1), Artifact::RawPrompt, "x")
        .unwrap();
    artifacts.remove_until(SystemTime::now()).unwrap();
    let mode = |path: &str| fs::metadata(open.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        [mode(""), mode("raw"), mode("raw/1"), mode("redacted")],
        [0o700; 4]
    );
    assert_eq!([mode("raw/1/prompt"), mode(LAST_REMOVAL)], [0o600; 2]);
}

#[test]
fn another_attempt_replaces_what_the_first_one_left() {
    let dir = tempfile::tempdir().unwrap();
    let artifacts = opened(dir.path());
    for text in ["first", "2"] {
        artifacts
            .keep(JobId::new(1), Artifact::RawAnswer, text)
            .unwrap();
        let kept = artifacts
            .get(JobId::new(1), Artifact::RawAnswer)
            .unwrap()
            .unwrap();
        assert_eq!(kept, text.as_bytes());
    }
    assert_eq!(
        fs::read_dir(dir.path().join("raw/1")).unwrap().count(),
        1,
        "a draft was left"
    );
}

#[test]
fn names_are_read_as_they_are_written() {
    for artifact in Artifact::ALL {
        assert_eq!(artifact.to_string().parse(), Ok(artifact));
    }
    let error = "raw/../../etc/passwd".parse::<Artifact>().unwrap_err();
    assert!(error.contains("write one of raw/diff"), "{error}");
}
