//! The service from end to end: its own processes, real HTTP, a real executable in the depot's place, real mail, on both
//! databases.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics is a test that failed"
)]

mod artifacts;
mod callers;
mod client;
mod configuration;
mod depot;
mod guard;
mod model;
mod outcomes;
mod reload;
mod replay;
mod reruns;
mod reviews;
mod scene;

/// A test per backend of each case.
macro_rules! on_both {
    ($($case:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test] fn $case() { super::$case(&crate::scene::Scene::sqlite()); })+
        }
        mod postgres {
            $(#[test] fn $case() { super::$case(&crate::scene::Scene::postgres()); })+
        }
    };
}
pub(crate) use on_both;
