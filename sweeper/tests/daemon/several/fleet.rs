//! The daemons, and what befalls them.

use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;

use crate::harness::{Place, Running};

pub(super) const LEADER_LEASE: Duration = Duration::from_secs(1);
/// Up to this long one is stopped: less than its lease, or more.
const STOPPED: Duration = Duration::from_secs(4);

pub(super) struct Fleet<'a> {
    place: &'a Place,
    members: Vec<Running>,
    kills: u32,
    stops: u32,
    of_leaders: u32,
}

impl<'a> Fleet<'a> {
    pub(super) fn start(place: &'a Place) -> Self {
        let members = (0..3).map(|number| start(place, number)).collect();
        Self {
            place,
            members,
            kills: 0,
            stops: 0,
            of_leaders: 0,
        }
    }

    /// Kills one and starts another in its place, or stops it for a while; of two strikes one is at the leader,
    /// and the first one kills it.
    pub(super) async fn strike(&mut self, chance: &mut StdRng, leader: Option<u32>) {
        let led = self
            .members
            .iter()
            .position(|member| Some(member.child.id()) == leader);
        let first = self.kills + self.stops == 0;
        let struck = match led {
            Some(led) if first || chance.random_bool(0.5) => led,
            _ => chance.random_range(0..self.members.len()),
        };
        self.of_leaders += u32::from(led == Some(struck));
        if first || chance.random_bool(0.5) {
            self.members[struck].signal("KILL");
            pause(chance, Duration::from_millis(500)).await;
            self.members[struck] = start(self.place, struck);
            self.kills += 1;
        } else {
            self.members[struck].signal("STOP");
            pause(chance, STOPPED).await;
            self.members[struck].signal("CONT");
            self.stops += 1;
        }
        pause(chance, Duration::from_millis(500)).await;
    }

    /// None is stopped any more.
    pub(super) fn go_on(&self) {
        for member in &self.members {
            member.signal("CONT");
        }
    }

    /// Lets all of them end in order; none may have met an error that is its own.
    pub(super) fn stop(self) -> Result<String, String> {
        for member in self.members {
            member.hears("every loop has had its first pass");
            member.signal("TERM");
            let (status, said) = member.ends();
            let wrong = said.iter().find(|line| line.contains("ERROR"));
            if status.code() != Some(0) || wrong.is_some() {
                return Err(format!("a daemon ended as {status}: {}", said.join("\n")));
            }
        }
        let (kills, stops, of_leaders) = (self.kills, self.stops, self.of_leaders);
        Ok(format!(
            "{kills} killed, {stops} stopped, {of_leaders} of them leaders"
        ))
    }
}

fn start(place: &Place, number: usize) -> Running {
    let mut program = place.program();
    let lease = format!("{}s", LEADER_LEASE.as_secs());
    program
        .env("LEASEHOLD_SWEEPER_NAME", format!("daemon-{number}"))
        .env("LEASEHOLD_SWEEPER_LEADER_LEASE", lease)
        // Pages that others may overtake.
        .env("LEASEHOLD_SWEEPER_LEASES_PAGE", "200")
        .env("LEASEHOLD_SWEEPER_DOUBTS_PAGE", "200")
        .env("LEASEHOLD_HTTP_LISTEN", "off");
    Running::start(program)
}

async fn pause(chance: &mut StdRng, longest: Duration) {
    tokio::time::sleep(longest.mul_f64(chance.random())).await;
}
