using Lofizone.Hosts;
using Lofizone.Moving;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>A program instead of ssh: the other end of a move as another host of this machine.</summary>
internal static class MovePeer
{
    /// <summary>Makes the program. A fault point that is chosen for this host does not count there.</summary>
    /// <param name="there">The other host.</param>
    /// <param name="killAt">The fault point at which the other end dies; null for one that lives.</param>
    public static async Task<string> ProgramAsync(TestHost there, string? killAt = null)
    {
        string script = Path.Combine(there.Root, "peer");
        string fault = killAt is null ? $"unset {FaultPoint.Variable}" : $"export {FaultPoint.Variable}={killAt}";
        await File.WriteAllTextAsync(script, $"#!/bin/sh\n{fault}\n{HostPaths.RootVariable}={there.Root} exec {TestHost.ZoneBinary} {SshSession.Verb}\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return script;
    }
}
