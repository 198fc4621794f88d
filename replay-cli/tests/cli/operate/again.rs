//! A job that dies of the same again after its replay: it is escalated, and somebody is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use queue_core::{Context, JobError, JobState, Kind, Payload, Queue, Worker};
use queue_ops::{Config, Database};

use super::Site;
use super::replay::without_digests;
use super::site::same;

/// As a service has it that works on the queue and delivers.
const CONFIG: &str = r#"
[channels.pager]
type = "file"
path = "pager.jsonl"

[[escalations]]
name = "again"
events = ["job_died_again"]
at_least = "error"
to = [{ channel = "pager", recipient = "on-call" }]
"#;

const KIND: &str = "send_invoice";

/// Works off what there is, as a service with this configuration does; what is wrong with the relay is its
/// handler's affair.
async fn work_off(url: &str, config: &Config, relay_is_down: &Arc<AtomicBool>) {
    let store = Database::parse(url).unwrap().open().await.unwrap().store;
    let is_down = Arc::clone(relay_is_down);
    let worker = Worker::builder(Queue::shared(Arc::clone(&store)))
        .handle_payload(Kind::new(KIND).unwrap(), move |_: Payload, _: Context| {
            let is_down = is_down.load(Ordering::SeqCst);
            async move {
                if is_down {
                    return Err(JobError::permanent("RELAY_REFUSED", "550 go away"));
                }
                Ok(())
            }
        })
        .queues(["mail"])
        .escalate(config.delivery.escalations().clone())
        .name("service-1")
        .build()
        .unwrap();
    worker.drain().await.unwrap();
}

/// Dead, mended as somebody thinks, replayed, dead of the same: escalated, and in the outbox once. Replayed once
/// more when it is mended indeed it succeeds.
#[test]
fn the_same_death_again_is_escalated_and_told() {
    for site in Site::both() {
        let pager = site.desk.0.path().join("pager.jsonl");
        let text = CONFIG.replace("pager.jsonl", pager.to_str().unwrap());
        site.desk.file("leasehold.toml", &text);
        assert_eq!(site.run("config check --config leasehold.toml").code, 0);
        let config = Config::from_toml(&text).unwrap();
        let relay_is_down = Arc::new(AtomicBool::new(true));
        let works = || site.block_on(work_off(&site.url, &config, &relay_is_down));

        site.seed(async |bed| {
            let queue = queue_core::QueueName::new("mail").unwrap();
            let kind = queue_core::KindName::new(KIND).unwrap();
            let job = queue_core::NewJob::new(queue, kind, Payload::json(&42).unwrap());
            bed.put(job.idempotent(fixtures::bed::key("order-1"))).await;
        });
        works();
        let mut said = site.transcript(&["dead list", "notification list"]);
        said += &site.transcript(&[
            "replay plan --out first.json --attach-evidence OPS-17 --reason OPS-17",
            "replay apply first.json --reason 'the-relay-is-back'",
        ]);
        works();
        said += &site.transcript(&[
            "replay status first.json --outcome died_again",
            "dead list --state open",
            "dead list --state escalated",
            "notification list --channel pager",
            "notification show 1",
        ]);
        // What it died of now has no evidence, and what died again is not replayed unless that is said.
        said += &site.transcript(&[
            "replay plan --out second.json",
            "replay plan --out second.json --attach-evidence OPS-18 --reason OPS-18",
            "replay apply second.json --reason OPS-18",
        ]);
        relay_is_down.store(false, Ordering::SeqCst);
        said += &site.transcript(&["replay apply second.json --reason OPS-18 --include-unsafe"]);
        works();
        said += &site.transcript(&[
            "dead list --state resolved",
            "replay status second.json --outcome replay_succeeded",
        ]);
        site.block_on(async {
            let opened = Database::parse(&site.url).unwrap().open().await.unwrap();
            let job = opened.store.job(queue_core::JobId::new(1)).await.unwrap();
            assert_eq!(job.unwrap().state, JobState::Succeeded);
            // The outbox delivers it as any other message, and once more since its cause is gone.
            let deliverer = config.delivery.deliverer(opened.store).unwrap().unwrap();
            let deliverer = deliverer.build().unwrap();
            assert_eq!(deliverer.drain().await.unwrap().sent, 2);
        });
        said += &site.transcript(&["notification list --state sent"]);
        let told = std::fs::read_to_string(&pager).unwrap();
        let lines: Vec<_> = told.lines().collect();
        assert_eq!(lines.len(), 2, "{told}");
        assert!(lines.iter().all(|line| line.contains("job_died_again")));
        assert!(
            lines[0].contains("trigger") && lines[1].contains("resolve"),
            "{told}"
        );
        same("again", &without_digests(&said));
    }
}
