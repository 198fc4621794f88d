//! The drills, and what each of them is held on.

use std::path::Path;
use std::time::Duration;

use crate::incidents;
use crate::page::Page;
use crate::scene::Scene;
use crate::walk::Walk;

/// What the drill of a page does beside the page's commands.
pub(crate) trait Incident {
    /// Does what the page calls by that name.
    fn act(&mut self, scene: &Scene, act: &str);

    /// Waits for the moment at which a command is killed.
    fn moment(&self, _: &Scene, moment: &str) {
        panic!("this drill knows no moment `{moment}`");
    }

    /// Hears how long a command of the page has taken.
    fn ran(&mut self, _: &str, _: Duration) {}

    /// What was measured: rows of the page's table of that database, each cell as it stands there.
    fn measured(&self, _: &Scene) -> Option<Vec<Vec<String>>> {
        None
    }
}

/// What becomes of what was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measured {
    /// It has to have the shape of what the page has; figures differ from machine to machine.
    Compared,
    /// It is written into the page.
    Written,
}

/// A runbook, and the incident that it is for.
#[derive(Clone, Copy)]
pub struct Drill {
    /// The name of its page, without `.md`.
    pub name: &'static str,
    /// On which databases it is held: `sqlite`, `postgres`.
    pub databases: &'static [&'static str],
    /// Whether the server is its own.
    pub(crate) is_alone: bool,
    pub(crate) begin: fn() -> Box<dyn Incident>,
}

impl std::fmt::Debug for Drill {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Drill")
            .field("name", &self.name)
            .field("databases", &self.databases)
            .finish_non_exhaustive()
    }
}

impl Drill {
    /// All of them, a drill for each runbook.
    pub const ALL: [Self; incidents::COUNT] = incidents::ALL;

    /// The one for a page.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        static ALL: [Drill; incidents::COUNT] = Drill::ALL;
        ALL.iter().find(|drill| drill.name == name)
    }

    /// Makes the incident happen on one of its databases, and carries out the page. The program is this package's own
    /// executable, which plays all that the page names.
    ///
    /// # Panics
    ///
    /// If anything is not as the page says; what was done until then is on standard output.
    pub fn hold(&self, database: &'static str, program: &Path, measured: Measured) {
        let page = Page::read(self.name).unwrap_or_else(|error| panic!("{error}"));
        let scene = Scene::new(database, self.is_alone, program);
        let mut incident = (self.begin)();
        Walk::new(&page, &scene, &mut *incident).go();
        if let Some(rows) = incident.measured(&scene) {
            crate::measured::settle(&page, database, &rows, measured);
        }
    }
}
