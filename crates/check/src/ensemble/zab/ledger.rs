//! The one order in which transactions are delivered, and how far along it each server is.

use std::collections::BTreeMap;

use history::NodeName;

use crate::ensemble::window::Window;

/// A transaction, as far as the agreement is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Transaction {
    pub(super) zxid: i64,
    /// Of its content: that a zxid is the same says nothing of what is in it.
    pub(super) checksum: u32,
}

impl Transaction {
    pub(super) fn epoch(&self) -> u32 {
        epoch(self.zxid)
    }
}

/// The epoch that a zxid belongs to.
pub(super) fn epoch(zxid: i64) -> u32 {
    (zxid >> 32) as u32
}

/// The order is what was delivered first, by whomever. Servers follow it from wherever their state begins.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    order: Window<u32>,
    places: BTreeMap<NodeName, Place>,
    /// What was broadcast, was delivered by nobody yet, and may still be.
    outstanding: BTreeMap<i64, u32>,
}

/// Where a server is along the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Before the transaction with this number.
    Before(u64),
    /// Somewhere before all that is remembered.
    Forgotten,
}

/// What a delivery is in the light of the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// The first of this transaction: it goes on from all that was delivered before.
    News,
    /// Others have delivered it at this place.
    Known,
    /// The order is not remembered so far back.
    Forgotten,
    /// Others have delivered something else under its zxid.
    Different,
    /// Others have delivered it before what this server has delivered already; or it has, twice.
    Behind,
    /// Others have delivered this one first.
    Ahead { missing: i64 },
    /// Nobody else has delivered it, and others have this one at its place; or it comes after all, and should not.
    Foreign { instead: Option<i64> },
}

/// A delivery, with what is known of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delivery {
    pub(super) transaction: Transaction,
    pub(super) finding: Finding,
    /// The last transaction that this server has delivered before, or 0.
    pub(super) previous: i64,
    /// Of what nobody had delivered: the checksum with which it was broadcast, if it was.
    pub(super) broadcast: Option<u32>,
    /// Of what nobody had delivered: one that the same primary broadcast before, and nobody has delivered either.
    pub(super) skipped: Option<i64>,
}

impl Ledger {
    /// A primary broadcasts. Tells whether the zxid is new.
    pub(super) fn broadcast(&mut self, transaction: Transaction) -> bool {
        let is_new = self.order.find(transaction.zxid).is_err();
        self.outstanding.insert(transaction.zxid, transaction.checksum).is_none() && is_new
    }

    /// A server begins with the state as of this transaction. Tells whether others have been there.
    pub(super) fn begin(&mut self, node: &NodeName, zxid: i64) -> bool {
        let (place, is_known) = match self.order.find(zxid) {
            _ if zxid == 0 => (Place::Before(0), true),
            // Also if nothing was delivered yet: a history may begin with what lies on the disks.
            _ if self.order.is_forgotten(zxid) => (Place::Forgotten, true),
            Ok(number) => (Place::Before(number + 1), true),
            Err(number) => (Place::Before(number), false),
        };
        self.places.insert(node.clone(), place);
        is_known
    }

    /// A server delivers.
    pub(super) fn deliver(&mut self, node: &NodeName, transaction: Transaction) -> Delivery {
        let place = self.places.get(node).copied().unwrap_or(Place::Before(0));
        let (finding, next) = self.find(place, transaction);
        let previous = self.before(place);
        let (mut broadcast, mut skipped) = (None, None);
        if matches!(finding, Finding::News | Finding::Foreign { .. }) {
            let zxid = transaction.zxid;
            broadcast = self.outstanding.remove(&zxid);
            let before = self.outstanding.range(first_of(transaction.epoch())..zxid);
            skipped = before.map(|(zxid, _)| *zxid).next_back();
            // What was broadcast before this and is not delivered now never will be: the history of whoever leads in
            // this epoch does not have it, or it would come first.
            while self.outstanding.first_key_value().is_some_and(|(before, _)| *before < zxid) {
                self.outstanding.pop_first();
            }
            if next == self.order.end() && self.order.last().is_none_or(|(last, _)| last < zxid) {
                self.order.insert(zxid, transaction.checksum);
            }
        }
        let next = Place::Before(next + u64::from(next < self.order.end() && self.is_at(next, transaction.zxid)));
        match self.places.get_mut(node) {
            _ if finding == Finding::Forgotten => {}
            Some(place) => *place = next,
            None => drop(self.places.insert(node.clone(), next)),
        }
        Delivery { transaction, finding, previous, broadcast, skipped }
    }

    /// What it is to deliver this transaction at this place, and the number that it has in the order or would have.
    fn find(&self, place: Place, transaction: Transaction) -> (Finding, u64) {
        let Transaction { zxid, checksum } = transaction;
        // Mostly it is the one that is expected.
        if let Place::Before(number) = place
            && self.order.get(number) == Some((zxid, checksum))
        {
            return (Finding::Known, number);
        }
        let found = self.order.find(zxid);
        let place = match place {
            Place::Before(number) if number >= self.order.end() || self.order.get(number).is_some() => Some(number),
            _ => None,
        };
        match found {
            Ok(number) if self.order.get(number).is_some_and(|(_, others)| others != checksum) => {
                (Finding::Different, number)
            }
            Ok(number) => match place {
                Some(place) if number < place => (Finding::Behind, number),
                Some(place) if number > place => (Finding::Ahead { missing: self.zxid_at(place) }, number),
                _ => (Finding::Known, number),
            },
            Err(number) => match place {
                Some(place) if place == self.order.end() && number == place => (Finding::News, number),
                // The first that is told of at all: where its server began nobody knows.
                None if self.order.last().is_none() => (Finding::News, number),
                None if self.order.is_forgotten(zxid) => (Finding::Forgotten, number),
                Some(place) if self.order.is_forgotten(zxid) && place > number => (Finding::Behind, number),
                place => {
                    let instead = place.and_then(|place| self.order.get(place)).map(|(zxid, _)| zxid);
                    (Finding::Foreign { instead }, number)
                }
            },
        }
    }

    fn is_at(&self, number: u64, zxid: i64) -> bool {
        self.order.get(number).is_some_and(|(there, _)| there == zxid)
    }

    fn zxid_at(&self, number: u64) -> i64 {
        self.order.get(number).map_or(0, |(zxid, _)| zxid)
    }

    fn before(&self, place: Place) -> i64 {
        match place {
            Place::Before(number) => number.checked_sub(1).map_or(0, |before| self.zxid_at(before)),
            Place::Forgotten => 0,
        }
    }

    /// The last transaction that this server has delivered, as far as it is remembered; else 0.
    pub(super) fn delivered_by(&self, node: &NodeName) -> i64 {
        self.places.get(node).map_or(0, |place| self.before(*place))
    }

    /// The first transaction that others have delivered and this server has not.
    pub(super) fn missing_at(&self, node: &NodeName) -> Option<i64> {
        match self.places.get(node)? {
            Place::Before(number) => self.order.get(*number).map(|(zxid, _)| zxid),
            Place::Forgotten => None,
        }
    }

    /// The last transaction that anybody has delivered; else 0.
    pub(super) fn last(&self) -> i64 {
        self.order.last().map_or(0, |(zxid, _)| zxid)
    }

    /// The last transaction from before this epoch that anybody has delivered; else 0.
    pub(super) fn last_before(&self, epoch: u32) -> i64 {
        let behind = self.order.find(first_of(epoch)).unwrap_or_else(|number| number);
        behind.checked_sub(1).map_or(0, |number| self.zxid_at(number))
    }

    /// What was delivered above this transaction is gone.
    pub(super) fn lose_above(&mut self, zxid: i64) {
        self.order.forget_above(zxid);
        let end = self.order.end();
        for place in self.places.values_mut() {
            if let Place::Before(number) = place {
                *number = end.min(*number);
            }
        }
    }
}

fn first_of(epoch: u32) -> i64 {
    i64::from(epoch) << 32
}
