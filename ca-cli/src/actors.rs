//! Who is at the keyboard: recorded in the journal with every act.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use ca_core::Actors;

use crate::cli::ActorArgs;

/// The operating system's user, then whoever the operator named.
pub(crate) fn actors(args: &ActorArgs) -> Actors {
    let mut actors = vec![os_user()];
    actors.extend(args.actors.iter().cloned());
    Actors::named(actors)
}

/// From the process itself: the environment's USER is whatever the caller says.
fn os_user() -> String {
    let Ok(process) = fs::metadata("/proc/self") else {
        return "os-user unknown".to_owned();
    };
    let uid = process.uid();
    match fs::read_to_string("/etc/passwd")
        .ok()
        .and_then(|users| user_name(&users, uid))
    {
        Some(name) => format!("os-user {name} (uid {uid})"),
        None => format!("os-user uid {uid}"),
    }
}

fn user_name(users: &str, uid: u32) -> Option<String> {
    let uid = uid.to_string();
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::user_name;

    #[test]
    fn the_user_is_found_by_number() {
        let users = "root:x:0:0:root:/root:/bin/sh\nca:x:990:990::/var/lib/sceau:/bin/false\n";
        assert_eq!(user_name(users, 990).as_deref(), Some("ca"));
        assert_eq!(user_name(users, 99), None);
    }
}
