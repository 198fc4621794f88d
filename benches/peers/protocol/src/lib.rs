//! How a job queue takes part in the comparison of `cargo xtask bench peers`.
//!
//! A queue is described by [`Peer`]; [`run`] makes a program of it that speaks the protocol of
//! `benches/peers/README.md`. What is timed, and how, is therefore the same code for all of them.
//!
//! ```no_run
//! use anyhow::Result;
//! use peer_protocol::{Order, Peer};
//!
//! #[derive(Clone)]
//! struct MyQueue;
//!
//! impl Peer for MyQueue {
//!     type Worker = ();
//!
//!     async fn open(order: &Order) -> Result<Self> {
//!         println!("connecting to {}", order.database);
//!         Ok(Self)
//!     }
//!
//!     async fn set_up(&self) -> Result<()> {
//!         Ok(())
//!     }
//!
//!     async fn enqueue(&self) -> Result<()> {
//!         Ok(())
//!     }
//!
//!     async fn enqueue_many(&self, jobs: usize) -> Result<usize> {
//!         Ok(jobs)
//!     }
//!
//!     async fn start(&self) -> Result<()> {
//!         peer_protocol::ran(); // What each handler calls.
//!         Ok(())
//!     }
//!
//!     async fn stop(&self, _worker: ()) -> Result<()> {
//!         Ok(())
//!     }
//! }
//!
//! fn main() -> std::process::ExitCode {
//!     peer_protocol::run::<MyQueue>()
//! }
//! ```

mod answer;
mod bulk;
mod drain;
mod enqueue;
mod lines;
mod order;
mod peer;
mod pickup;
mod runs;

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;

pub use answer::Answer;
pub use enqueue::WARM as ENQUEUED_BEFORE;
pub use order::{Errand, Order, Synchronous};
pub use peer::{PAYLOAD, Peer, payload};
pub use pickup::{WARM as PICKUPS_BEFORE, lull};
pub use runs::ran;

/// Does what the command line asks for.
pub fn run<P: Peer>() -> ExitCode {
    obey::<P>(&Order::parse())
}

/// Does an errand as a whole program.
pub fn obey<P: Peer>(order: &Order) -> ExitCode {
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("starting the runtime")
        .and_then(|runtime| {
            let outcome = runtime.block_on(serve::<P>(order));
            // A worker that was not stopped must not keep the program.
            runtime.shutdown_background();
            outcome
        });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Does an errand and prints its answer, as the last thing before the program ends.
async fn serve<P: Peer>(order: &Order) -> Result<()> {
    let peer = P::open(order).await.context("opening the queue")?;
    let answer = match order.errand {
        Errand::SetUp => {
            peer.set_up().await.context("making the schema")?;
            Answer::default()
        }
        Errand::Fill => bulk::fill(&peer, order).await?,
        Errand::Enqueue => enqueue::run(&peer, order).await?,
        Errand::Bulk => bulk::run(&peer, order).await?,
        Errand::Drain => drain::run(&peer, order).await?,
        Errand::Pickup => pickup::run(&peer, order).await?,
    };
    lines::say(&serde_json::to_string(&answer)?)?;
    Ok(())
}
