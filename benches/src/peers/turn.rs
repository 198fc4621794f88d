//! A turn of a peer: its program is started, set to work, and its books are looked at afterwards.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use peer_protocol::{Answer, ENQUEUED_BEFORE, PICKUPS_BEFORE};

use super::books::OpenBooks;
use super::catalogue::{Peer, Setting};
use super::conversation::{Conversation, Word};
use super::program::Program;
use crate::contestant::Contestant;
use crate::record::{Latency, Sample};
use crate::venue::Place;

/// So many jobs warm up each worker.
const WARM: u64 = 1_000;

/// A peer that does some work with a setting.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) peer: &'static Peer,
    pub(super) setting: Setting,
    pub(super) program: Arc<Program>,
    pub(super) work: Work,
}

/// What there is to do.
#[derive(Debug, Clone, Copy)]
pub(super) enum Work {
    /// So many at most, for so long at most.
    Enqueue {
        producers: u64,
        jobs: u64,
        seconds: f64,
    },
    Bulk {
        jobs: u64,
    },
    /// Of so many that are queued the first so many, for so long at most.
    Drain {
        queued: u64,
        wanted: u64,
        processes: usize,
        limit: Duration,
    },
    Pickup {
        jobs: u64,
        seconds: f64,
    },
}

#[async_trait]
impl Contestant for Turn {
    async fn run(&self, place: &Place) -> Result<Sample> {
        self.errand(place, "set-up", &[]).await?;
        let mut books = OpenBooks::open(place, &self.peer.books)
            .await
            .context("looking into its books")?;
        match self.work {
            Work::Enqueue {
                producers,
                jobs,
                seconds,
            } => {
                let arguments = [
                    ("--producers", producers.to_string()),
                    ("--jobs", jobs.to_string()),
                    ("--seconds", seconds.to_string()),
                ];
                let answer = self.ask(place, "enqueue", &arguments, &mut books).await?;
                let stored = answer.jobs + ENQUEUED_BEFORE * producers;
                books.expect_left(stored).await?;
                sample(&answer)
            }
            Work::Bulk { jobs } => {
                let arguments = [("--jobs", jobs.to_string())];
                let answer = self.ask(place, "bulk", &arguments, &mut books).await?;
                // The first one made the connection.
                books.expect_left(jobs + 1).await?;
                sample(&answer)
            }
            Work::Pickup { jobs, seconds } => {
                let arguments = [
                    ("--jobs", jobs.to_string()),
                    ("--seconds", seconds.to_string()),
                ];
                let answer = self.ask(place, "pickup", &arguments, &mut books).await?;
                books.expect_none().await?;
                // Where time was short, fewer came first.
                if answer.jobs == jobs {
                    books.balance(PICKUPS_BEFORE + jobs).await?;
                }
                sample(&answer)
            }
            Work::Drain {
                queued,
                wanted,
                processes,
                limit,
            } => {
                let drain = Drain {
                    turn: self,
                    wanted,
                    limit,
                };
                drain.run(place, &mut books, queued, processes).await
            }
        }
    }
}

impl Turn {
    async fn errand(
        &self,
        place: &Place,
        errand: &str,
        arguments: &[(&str, String)],
    ) -> Result<Answer> {
        Conversation::errand(&self.program, place, &self.setting, errand, arguments).await
    }

    /// An errand that waits for the word.
    async fn ask(
        &self,
        place: &Place,
        errand: &str,
        arguments: &[(&str, String)],
        books: &mut OpenBooks,
    ) -> Result<Answer> {
        let mut program =
            Conversation::begin(&self.program, place, &self.setting, errand, arguments)?;
        program.ready().await?;
        books.settle().await?;
        program.go().await?;
        program.answer().await
    }

    async fn fill(&self, place: &Place, jobs: u64) -> Result<()> {
        let arguments = [("--jobs", jobs.to_string())];
        self.errand(place, "fill", &arguments).await?;
        Ok(())
    }
}

fn sample(answer: &Answer) -> Result<Sample> {
    let latency = match (answer.p50_ms, answer.p99_ms) {
        (Some(p50_ms), Some(p99_ms)) => Some(Latency {
            p50_ms,
            p95_ms: answer.p95_ms,
            p99_ms,
        }),
        _ => None,
    };
    ensure!(answer.jobs > 0, "nothing was done in the time there was");
    let took = Duration::from_secs_f64(answer.seconds);
    Ok(Sample {
        latency,
        ..Sample::new(answer.jobs, took)
    })
}

/// A queue that is worked off.
#[derive(Debug)]
struct Drain<'t> {
    turn: &'t Turn,
    wanted: u64,
    limit: Duration,
}

impl Drain<'_> {
    async fn run(
        &self,
        place: &Place,
        books: &mut OpenBooks,
        queued: u64,
        processes: usize,
    ) -> Result<Sample> {
        let mut workers = Vec::new();
        for _ in 0..processes {
            self.turn.fill(place, WARM).await?;
            let arguments = [("--warm", WARM.to_string())];
            let Turn {
                program, setting, ..
            } = self.turn;
            let mut worker = Conversation::begin(program, place, setting, "drain", &arguments)?;
            worker.ready().await.context("warming up")?;
            workers.push(worker);
        }
        // Slow ones leave something of it.
        let before = books.left().await?;
        self.turn.fill(place, queued).await?;
        books.settle().await?;
        // One that was under way when its worker ended may have been done since.
        let all = books.left().await?;
        ensure!(
            (queued..=before + queued).contains(&all),
            "the counts are wrong: {queued} jobs were added to {before}, and {all} are left"
        );

        let begun = Instant::now();
        for worker in &mut workers {
            worker.go().await?;
        }
        let is_through = self.watch(&mut workers, begun, all).await?;
        let (took, finished) = match is_through {
            true => (self.until_empty(books, begun).await?, all),
            false => {
                // What a query sees is what there was when it began.
                let took = begun.elapsed();
                (took, all.saturating_sub(books.left().await?))
            }
        };
        let mut runs = 0;
        for worker in workers {
            runs += worker.stop().await.context("stopping")?.jobs;
        }
        ensure!(
            runs >= finished && (!is_through || runs == all),
            "the counts are wrong: of {all} jobs {finished} are done, and {runs} were run"
        );
        books.balance(queued + WARM * processes as u64).await?;
        Ok(Sample::new(finished, took))
    }

    /// Until all of them have run, or as many as are wanted, or the time is over. Says whether it was
    /// all of them.
    async fn watch(&self, workers: &mut [Conversation], begun: Instant, all: u64) -> Result<bool> {
        let mut runs = vec![0; workers.len()];
        let mut words: FuturesUnordered<_> = workers.iter_mut().enumerate().map(hear).collect();
        let deadline = tokio::time::Instant::from_std(begun + self.limit);
        loop {
            let total: u64 = runs.iter().sum();
            if total >= all {
                return Ok(true);
            }
            if total >= self.wanted {
                return Ok(false);
            }
            let Ok(heard) = tokio::time::timeout_at(deadline, words.next()).await else {
                return Ok(false);
            };
            let (number, worker, word) = heard.context("nobody works")?;
            if let (Word::Runs(count), Some(slot)) = (word?, runs.get_mut(number)) {
                *slot = count;
            }
            words.push(hear((number, worker)));
        }
    }

    /// What the last handlers did has yet to be written down.
    async fn until_empty(&self, books: &mut OpenBooks, begun: Instant) -> Result<Duration> {
        loop {
            let asked = begun.elapsed();
            let left = books.left().await?;
            if left == 0 {
                return Ok(asked);
            }
            ensure!(
                asked < self.limit + Duration::from_secs(60),
                "all jobs ran, and {left} are not done"
            );
        }
    }
}

async fn hear(
    (number, worker): (usize, &mut Conversation),
) -> (usize, &mut Conversation, Result<Word>) {
    let word = worker.word().await;
    (number, worker, word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peers::catalogue::{Books, Origin};
    use crate::venue::{Engine, Venue};

    static LIAR: Peer = Peer {
        name: "liar",
        origin: Origin::Rust("liar"),
        settings: &[],
        books: Books {
            left: "SELECT count(*) FROM job WHERE NOT done",
            done: Some("SELECT count(*) FROM job WHERE done"),
        },
        shares: false,
    };

    /// Lets a program in shell have a turn, in a database that has so many jobs that are done, and
    /// others that are not.
    async fn turn(script: &str, work: Work, done: u64, left: u64) -> Result<Sample> {
        let venue = Venue::open(false).unwrap();
        let place = venue.place(Engine::Sqlite).unwrap();
        let conn = rusqlite::Connection::open(&place.address).unwrap();
        conn.execute_batch("CREATE TABLE job (done INTEGER NOT NULL)")
            .unwrap();
        for (state, count) in [(1, done), (0, left)] {
            for _ in 0..count {
                conn.execute("INSERT INTO job VALUES (?1)", [state])
                    .unwrap();
            }
        }
        let turn = Turn {
            peer: &LIAR,
            setting: Setting {
                name: "best",
                synchronous: None,
                enqueues: true,
                remark: "",
            },
            program: Arc::new(Program {
                file: "sh".into(),
                arguments: vec!["-c".into(), script.into(), "liar".into()],
                version: String::new(),
            }),
            work,
        };
        turn.run(&place).await
    }

    const ENQUEUE: &str = r#"
        case $1 in
            set-up) echo '{"jobs":0,"seconds":0}' ;;
            enqueue) echo ready; read go; echo '{"jobs":5,"seconds":0.5,"p50_ms":1,"p99_ms":2}' ;;
        esac"#;

    #[tokio::test]
    async fn a_program_that_stores_what_it_says_is_believed() {
        let work = Work::Enqueue {
            producers: 1,
            jobs: 5,
            seconds: 1.0,
        };
        let sample = turn(ENQUEUE, work, 0, 15).await.unwrap();
        assert_eq!((sample.jobs, sample.rate()), (5, 10.0));
        assert_eq!(sample.latency.unwrap().p99_ms, 2.0);

        let error = turn(ENQUEUE, work, 0, 14).await.unwrap_err().to_string();
        assert!(error.contains("15 jobs were to be left, 14 are"), "{error}");
    }

    const DRAIN: &str = r#"
        case $1 in
            set-up|fill) echo '{"jobs":0,"seconds":0}' ;;
            drain) echo ready; read go; echo 'runs 3'; read stop; echo '{"jobs":3,"seconds":1}' ;;
        esac"#;

    #[tokio::test]
    async fn jobs_that_ran_and_were_not_completed_are_not_counted() {
        let work = Work::Drain {
            queued: 0,
            wanted: 3,
            processes: 1,
            limit: Duration::from_secs(60),
        };
        // Of the four three have run, and none is done: the query says so.
        let error = turn(DRAIN, work, 0, 4).await.unwrap_err().to_string();
        assert!(error.contains("of 1000 jobs 0 are done"), "{error}");
        assert!(turn(DRAIN, work, 996, 4).await.unwrap().jobs == 0);
    }

    #[tokio::test]
    async fn a_program_that_dies_is_quoted() {
        let script = "echo 'no such thing' >&2; exit 3";
        let work = Work::Bulk { jobs: 1 };
        let error = turn(script, work, 0, 0).await.unwrap_err();
        let error = format!("{error:#}");
        assert!(error.contains("exit status: 3: no such thing"), "{error}");
    }
}
