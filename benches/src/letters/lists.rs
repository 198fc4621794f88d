//! Pages and groups of very many letters, by each filter.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use fixtures::crowded_letters::filters;
use queue_core::{GroupBy, LetterFilter, LetterPage, Store};
use tokio::sync::OnceCell;

use super::crowd;
use crate::case::Case;
use crate::contestant::Contestant;
use crate::record::{Latency, Sample};
use crate::target::Target;
use crate::venue::{Engine, Place};

/// How often each is asked in a round; the first time after others were asked, as for an operator.
const ASKED: u64 = 20;
/// What a list may take.
const AT_MOST_MS: f64 = 100.0;

/// Pages of 100, and groups by class.
pub(super) fn case(engine: Engine, quick: bool) -> Case {
    let letters = if quick { 100_000 } else { 1_000_000 };
    let crowd = Arc::new(Crowd {
        letters,
        filled: OnceCell::new(),
    });
    let title = format!("{} k letters", letters / 1000);
    let mut case = Case::new(engine, "lists", title, "nothing").in_one_place();
    for (question, label) in [(Question::Page, "page"), (Question::Groups, "groups")] {
        for (name, filter) in filters(letters) {
            let asker = Asker {
                crowd: Arc::clone(&crowd),
                filter,
                question,
            };
            let target = Target::p99_ms(AT_MOST_MS);
            case = case.with(format!("{label}: {name}"), Some(target), asker);
        }
    }
    case
}

/// What all ask.
#[derive(Debug)]
struct Crowd {
    letters: u32,
    filled: OnceCell<Arc<dyn Store>>,
}

#[derive(Debug, Clone, Copy)]
enum Question {
    Page,
    Groups,
}

/// One filter.
#[derive(Debug)]
struct Asker {
    crowd: Arc<Crowd>,
    filter: LetterFilter,
    question: Question,
}

impl Asker {
    async fn ask(&self, store: &dyn Store) -> Result<()> {
        match self.question {
            Question::Page => {
                let list = store.letters(&self.filter, LetterPage::first(100)?).await?;
                let fits = list.letters.iter().all(|letter| self.filter.takes(letter));
                ensure!(fits, "a letter is listed that the filter does not take");
            }
            Question::Groups => {
                store
                    .letter_groups(&self.filter, GroupBy::ErrorClass)
                    .await?;
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Contestant for Asker {
    async fn run(&self, place: &Place) -> Result<Sample> {
        let fill = || crowd::fill(place, self.crowd.letters);
        let store = self.crowd.filled.get_or_try_init(fill).await?;
        let mut times = Vec::new();
        for _ in 0..ASKED {
            let begun = Instant::now();
            self.ask(&**store).await?;
            times.push(u64::try_from(begun.elapsed().as_micros())?);
        }
        let all = Duration::from_micros(times.iter().sum());
        Ok(Sample {
            latency: Some(Latency::of(times).context("nothing was asked")?),
            ..Sample::new(ASKED, all)
        })
    }
}
