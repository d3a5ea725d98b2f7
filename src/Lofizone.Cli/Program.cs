using Lofizone.Cli;
using Lofizone.Cli.CommandLines;
using Lofizone.Cli.Output;
using Lofizone.Interop;
using Lofizone.Shares;

StandardDescriptors.Reserve();
// The umask is set, so that the modes of new files do not depend on the mask of root's shell, sshd or a scheduler. Started programs inherit
// it.
FileModeMask.Set(FileModeMask.Usual);
// What the command has opened ends with it, whichever way it ends.
await using OpenShares shares = OpenShares.OfCommand;
(string program, string[] arguments) = Personality.Of(Environment.GetCommandLineArgs()[0], args);
if (program == Personality.Own && HiddenVerbs.Find(arguments) is { } role)
    return await role(arguments[1..]);
CommandOutput.Open();
Failure.EndOnUnhandled(program, CommandLine.WantsDebug(arguments));
return await Personality.RunAsync(program, arguments);
