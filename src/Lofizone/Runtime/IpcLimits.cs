using System.Globalization;
using Lofizone.Config;
using Lofizone.Interop;

namespace Lofizone.Runtime;

/// <summary>
/// Limits of a zone's IPC namespace (System V message queues, semaphores and shared memory; sysctl/kernel.rst). A thread of this process
/// enters the namespace and writes the limits: as the host's root, whom older kernels want, or as the zone's root, to whom newer kernels
/// give the settings of the namespace (ipc_permissions in ipc/ipc_sysctl.c).
/// </summary>
internal static class IpcLimits
{
    private const string Settings = "/proc/sys/kernel/";

    // The values of a new namespace (include/uapi/linux/msg.h, sem.h, shm.h).
    private const long DefaultMessageQueues = 32000, DefaultSemaphoreSets = 32000, DefaultSegments = 4096;
    private const ulong DefaultPages = ulong.MaxValue - (1UL << 24);

    /// <summary>Position of the number of sets in kernel.sem.</summary>
    private const int SetsInSem = 3;

    /// <exception cref="LofizoneException">The kernel refuses a limit.</exception>
    /// <param name="zone">The zone, for messages.</param>
    /// <param name="init">The zone's init.</param>
    /// <param name="owner">Host ID of the zone's root.</param>
    /// <param name="controls">The limits.</param>
    public static void Write(string zone, int init, uint owner, ResourceControls controls)
    {
        Exception? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                using FileDescriptor space = DescriptorPath.Open($"/proc/{init}/ns/ipc", DescriptorPath.ReadOnly);
                Namespaces.Enter(space, NamespaceKinds.Ipc);
                try
                {
                    Write(controls);
                }
                catch (UnauthorizedAccessException)
                {
                    ThreadIdentity.BecomeUser(owner);
                    Write(controls);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or LinuxException)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null)
            throw new LofizoneException($"zone {zone}: the kernel refuses a limit of its IPC: {failure.Message}", null, failure);
    }

    private static void Write(ResourceControls controls)
    {
        Set("msgmni", Text(controls.MessageQueues ?? DefaultMessageQueues));
        string[] sem = File.ReadAllText(Settings + "sem").Trim().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        sem[SetsInSem] = Text(controls.SemaphoreSets ?? DefaultSemaphoreSets);
        Set("sem", string.Join(' ', sem));
        Set("shmmni", Text(controls.SharedSegments ?? DefaultSegments));
        ulong pages = controls.SharedBytes is { } bytes ? Math.Max(1, (ulong)bytes / (ulong)Environment.SystemPageSize) : DefaultPages;
        Set("shmall", pages.ToString(CultureInfo.InvariantCulture));
    }

    private static void Set(string name, string value) => File.WriteAllText(Settings + name, value);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
