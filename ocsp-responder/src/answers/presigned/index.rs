//! Serial number to slot, in four octets a bucket: open addressing over the serials of the table.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// Octets of the longest serial number that is answered for ahead (RFC 5280 section 4.1.2.2).
const MAX: usize = 20;
/// A bucket without a slot.
const FREE: u32 = u32::MAX;

/// The content octets of a serial number, in a fixed place.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Serial {
    len: u8,
    octets: [u8; MAX],
}

impl Serial {
    /// `None` where it is longer than any that is issued.
    pub(super) fn new(content: &[u8]) -> Option<Self> {
        let mut octets = [0; MAX];
        octets.get_mut(..content.len())?.copy_from_slice(content);
        Some(Self {
            len: content.len() as u8,
            octets,
        })
    }

    pub(super) fn content(&self) -> &[u8] {
        &self.octets[..usize::from(self.len)]
    }
}

/// The buckets. Where a serial is not in its own, it is in one of those that follow without a gap.
#[derive(Debug)]
pub(super) struct Index {
    /// A power of two of them, at most seven of ten taken.
    buckets: Vec<u32>,
    taken: usize,
    hasher: RandomState,
}

impl Default for Index {
    fn default() -> Self {
        Self {
            buckets: vec![FREE; 16],
            taken: 0,
            hasher: RandomState::new(),
        }
    }
}

impl Index {
    /// The slot of a serial number; `serials` are those of all slots.
    pub(super) fn get(&self, serial: &Serial, serials: &[Serial]) -> Option<u32> {
        let slot = self.buckets[self.bucket(serial, serials)];
        (slot != FREE).then_some(slot)
    }

    /// Adds a serial that is not there yet and stands in `serials` at `slot`.
    pub(super) fn insert(&mut self, slot: u32, serials: &[Serial]) {
        if (self.taken + 1) * 10 > self.buckets.len() * 7 {
            let larger = vec![FREE; self.buckets.len() * 2];
            for moved in std::mem::replace(&mut self.buckets, larger) {
                if moved != FREE {
                    let bucket = self.bucket(&serials[moved as usize], serials);
                    self.buckets[bucket] = moved;
                }
            }
        }
        let bucket = self.bucket(&serials[slot as usize], serials);
        self.buckets[bucket] = slot;
        self.taken += 1;
    }

    /// Removes a serial that is there, before its place in `serials` is used for another.
    pub(super) fn remove(&mut self, serial: &Serial, serials: &[Serial]) {
        let mask = self.buckets.len() - 1;
        let mut gap = self.bucket(serial, serials);
        if self.buckets[gap] == FREE {
            return;
        }
        self.taken -= 1;
        // Whoever follows moves up where the gap would come between it and its own bucket.
        let mut next = gap;
        loop {
            next = (next + 1) & mask;
            let slot = self.buckets[next];
            if slot == FREE {
                break;
            }
            let own = self.own(&serials[slot as usize]);
            if next.wrapping_sub(own) & mask >= next.wrapping_sub(gap) & mask {
                self.buckets[gap] = slot;
                gap = next;
            }
        }
        self.buckets[gap] = FREE;
    }

    /// The bucket that holds the serial, or the free one where it would be put.
    fn bucket(&self, serial: &Serial, serials: &[Serial]) -> usize {
        let mask = self.buckets.len() - 1;
        let mut bucket = self.own(serial);
        loop {
            let slot = self.buckets[bucket];
            if slot == FREE || serials[slot as usize] == *serial {
                return bucket;
            }
            bucket = (bucket + 1) & mask;
        }
    }

    fn own(&self, serial: &Serial) -> usize {
        self.hasher.hash_one(serial) as usize & (self.buckets.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn what_was_put_in_is_found_and_what_was_taken_out_is_not(
            acts in proptest::collection::vec((0_u8..60, any::<bool>()), 0..400),
        ) {
            let mut index = Index::default();
            let mut serials = Vec::new();
            let mut model = HashMap::new();
            for (name, put) in acts {
                let serial = Serial::new(&[name, name]).unwrap();
                if put && !model.contains_key(&name) {
                    let slot = serials.len() as u32;
                    serials.push(serial);
                    index.insert(slot, &serials);
                    model.insert(name, slot);
                } else if !put && model.remove(&name).is_some() {
                    index.remove(&serial, &serials);
                }
                for name in 0..60 {
                    let serial = Serial::new(&[name, name]).unwrap();
                    prop_assert_eq!(index.get(&serial, &serials), model.get(&name).copied());
                }
            }
        }
    }

    #[test]
    fn a_serial_that_nobody_issues_has_no_place() {
        assert_eq!(Serial::new(&[1; 20]).unwrap().content(), [1; 20]);
        assert_eq!(Serial::new(&[1; 21]), None);
    }
}
