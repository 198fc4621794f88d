//! Everything once more, on what the last demonstration left, for whoever wants to try something on it.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use queue_ops::{Exit, Signals};
use tokio::signal::unix::{SignalKind, signal};

use crate::cast::Cast;
use crate::folder::Folder;
use crate::scenery::Scenery;
use crate::voice::say;

const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Until somebody stops it. The model is well now, so that what died of it can be replayed.
pub(crate) async fn reopen(folder: &Path) -> Result<Exit> {
    let mut signals = Signals::listen()?;
    let mut hangup = signal(SignalKind::hangup())?;
    let folder = Folder::left(folder)?;
    let scenery = Scenery {
        well: true,
        ..Scenery::left(&folder)?
    };
    let mut cast = Cast::start(folder.clone(), scenery).await?;
    say(format_args!(
        "everything in {} runs again, and its model answers as agreed\n\
         health on http://{}/healthz, reviews on http://{}/v1/reviews; Ctrl-C ends all of it",
        folder.path().display(),
        scenery.ports.health,
        scenery.ports.ingest,
    ));
    tokio::select! {
        // A terminal tells them as well: that they end then is no trouble.
        biased;
        _ = signals.next() => {}
        _ = hangup.recv() => {}
        trouble = watch(&mut cast) => return trouble,
    }
    cast.stop().await?;
    Ok(Exit::Done)
}

/// Until one of them ends by itself.
async fn watch(cast: &mut Cast) -> Result<Exit> {
    loop {
        cast.check()?;
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
