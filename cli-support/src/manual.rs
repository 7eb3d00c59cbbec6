//! Shell completions and man pages, generated from the command line's own definition.

use std::path::PathBuf;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::exit::Exit;
use crate::failure::{Failure, ResultExt as _};
use crate::output;

/// Two subcommands to flatten into a program's own: `completions SHELL` and `manpage [DIR]`.
#[derive(clap::Subcommand, Clone, Debug)]
pub enum ManualCommand {
    /// Print a completion script for a shell
    #[command(hide = true)]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the man page, or write one page per command into a folder
    #[command(hide = true)]
    Manpage {
        /// The folder
        #[arg(id = "manpage_dir", value_name = "DIR")] // not to meet a program's own --dir
        dir: Option<PathBuf>,
    },
}

/// The same as flags, for a program without subcommands.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct ManualFlags {
    /// Print a completion script for a shell
    #[arg(long, value_name = "SHELL", hide = true, exclusive = true)]
    completions: Option<Shell>,

    /// Print the man page
    #[arg(long, hide = true, exclusive = true)]
    manpage: bool,
}

impl ManualFlags {
    /// What the flags ask for, if anything.
    #[must_use]
    pub fn command(&self) -> Option<ManualCommand> {
        match (self.completions, self.manpage) {
            (Some(shell), _) => Some(ManualCommand::Completions { shell }),
            (None, true) => Some(ManualCommand::Manpage { dir: None }),
            (None, false) => None,
        }
    }
}

impl ManualCommand {
    /// Prints what is asked for; `C` is the program's `clap::Parser`.
    ///
    /// # Errors
    /// Where standard output or the folder cannot be written.
    pub fn run<C: CommandFactory>(&self) -> Result<Exit, Failure> {
        let mut command = C::command();
        match self {
            Self::Completions { shell } => {
                let name = command.get_name().to_owned();
                let mut script = Vec::new();
                clap_complete::generate(*shell, &mut command, name, &mut script);
                output::print(script)?;
            }
            Self::Manpage { dir: None } => {
                let mut page = Vec::new();
                clap_mangen::Man::new(command).render(&mut page)?;
                output::print(page)?;
            }
            Self::Manpage { dir: Some(dir) } => {
                clap_mangen::generate_to(command, dir)
                    .context(format_args!(
                        "cannot write man pages into {}",
                        dir.display()
                    ))
                    .exit(Exit::CantCreate)
                    .hint("the folder must exist and be writable")?;
            }
        }
        Ok(Exit::Ok)
    }
}
