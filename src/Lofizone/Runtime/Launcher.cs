using System.Globalization;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Programs;

namespace Lofizone.Runtime;

/// <summary>
/// The roles <c>crun-launcher</c>, <c>create-launcher</c> and <c>conmon-launcher</c> of the zone binary: prepare this process, then become
/// the program. A hybrid cgroup host is shown to crun as a plain version 1 host, since crun up to 1.8 refuses hybrids. The crun that makes
/// a zone finds in its mount namespace what the zone is to see, and no file of the host on its standard streams, which it gives to the
/// zone's root. conmon is freed of everything that the caller's shell had open or set, because it outlives the caller.
/// </summary>
public static class Launcher
{
    /// <summary>Hidden verb that becomes crun on a hybrid host.</summary>
    public const string CrunVerb = "crun-launcher";

    /// <summary>Hidden verb that becomes the crun that makes a zone.</summary>
    public const string CreateVerb = "create-launcher";

    /// <summary>Hidden verb that becomes conmon.</summary>
    public const string ConmonVerb = "conmon-launcher";

    private const int UsageError = 2;
    private const int CannotExecute = 126;

    private static readonly string[] _passedOn = ["LANG", "TERM", "HOME", HostPaths.RootVariable, "_OCI_SYNCPIPE"];

    /// <summary>
    /// <c>conmon-launcher CGROUP FIFO PROGRAM ARGUMENT…</c>: the program lives in CGROUP; descriptor 3 of it is the fifo, open for writing,
    /// and named to it.
    /// </summary>
    public static Task<int> RunConmonAsync(string[] arguments)
    {
        if (arguments.Length < 3)
            return Task.FromResult(UsageError);
        return Become(arguments[2], arguments[3..], environment =>
        {
            // A supervisor in its caller's session would end with it, and the zone's console with the supervisor.
            if (new OwnCgroup(arguments[0]).Enter() is [var refused, ..])
                throw new IOException(refused);
            Exec.CloseOthersOnExec();
            using FileDescriptor sync = DescriptorPath.OpenInherited(arguments[1], DescriptorPath.WriteOnly);
            environment.Add($"_OCI_SYNCPIPE={sync.Number}");
            sync.SetHandleAsInvalid();
        });
    }

    /// <summary>
    /// <c>crun-launcher CGROUP KEEP PROGRAM ARGUMENT…</c>: CGROUP is the zone's cgroup path, KEEP the root whose mount stays visible.
    /// </summary>
    public static Task<int> RunCrunAsync(string[] arguments)
    {
        if (arguments.Length < 3)
            return Task.FromResult(UsageError);
        return Become(arguments[2], arguments[3..], _ =>
        {
            CgroupLayout layout = CgroupLayout.OfHost();
            if (!layout.IsHybrid)
                return;
            EnterLeaf(layout, arguments[0]);
            OwnMounts.Leave(arguments[1]);
            Mount.Detach(layout.Version2!, UnmountFlags.Detach);
        });
    }

    /// <summary>
    /// <c>create-launcher CGROUP ROOT NETWORK OWNER PROGRAM ARGUMENT…</c>: ROOT is the clone of the zone's root, NETWORK the file of its
    /// network namespace, OWNER the host's ID of its root user.
    /// </summary>
    public static Task<int> RunCreateAsync(string[] arguments)
    {
        if (arguments.Length < 5 || !uint.TryParse(arguments[3], NumberStyles.None, CultureInfo.InvariantCulture, out uint owner))
            return Task.FromResult(UsageError);
        return Become(arguments[4], arguments[5..], _ =>
        {
            CgroupLayout layout = CgroupLayout.OfHost();
            if (layout.IsHybrid)
                EnterLeaf(layout, arguments[0]);
            OwnMounts.Leave(arguments[1]);
            if (layout.IsHybrid)
                Mount.Detach(layout.Version2!, UnmountFlags.Detach);
            ZoneView.Prepare(arguments[1], arguments[2], owner);
            StandardStreams.ReplaceSharedFiles();
        });
    }

    // The zone's cgroup namespace is rooted where crun is. Without a leaf of its own there, the zone's systemd would
    // make its cgroups at the top of the host's cgroup2.
    private static void EnterLeaf(CgroupLayout layout, string cgroup)
    {
        string leaf = layout.Version2 + cgroup;
        Directory.CreateDirectory(leaf);
        File.WriteAllText(Path.Combine(leaf, "cgroup.procs"), $"{Environment.ProcessId}");
    }

    private static Task<int> Become(string program, string[] arguments, Action<List<string>> prepare)
    {
        try
        {
            List<string> environment = [$"PATH={ProgramDirectories.SearchPath}"];
            foreach (string name in _passedOn)
            {
                if (Environment.GetEnvironmentVariable(name) is { } value)
                    environment.Add($"{name}={value}");
            }

            prepare(environment);
            Exec.Replace(program, arguments, environment);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or LofizoneException)
        {
            // Read by conmon, which hands it on as the reason.
            Console.Error.WriteLine($"{Path.GetFileName(program)}: {e.Message}");
        }

        return Task.FromResult(CannotExecute);
    }
}
