using System.Globalization;

namespace Lofizone.Runtime;

/// <summary>
/// The kernel's preference for the processes of zones when the host itself is out of memory (proc_pid_oom_score_adj(5)). A child inherits
/// the value of its parent. Root in a zone can't lower a
/// value that the host's root has given.
/// </summary>
internal sealed class OomPreference : IDisposable
{
    /// <summary>The preference of a zone's processes, in thousandths of the memory.</summary>
    public const int OfZones = 500;

    private const string File = "/proc/self/oom_score_adj";

    private readonly string _own = System.IO.File.ReadAllText(File);

    private OomPreference() => System.IO.File.WriteAllText(File, OfZones.ToString(CultureInfo.InvariantCulture));

    /// <summary>
    /// Gives the children that this process starts the preference of a zone's processes, until the result is disposed of.
    /// </summary>
    public static OomPreference ForChildren() => new();

    /// <summary>
    /// Gives a zone's init the preference. The kernel lets a process without CAP_SYS_RESOURCE on the host go no lower than the value that a
    /// process with that capability has written. So the writer is this process, and not crun in the zone's user namespace.
    /// </summary>
    public static void Give(int init) =>
        System.IO.File.WriteAllText($"/proc/{init}/oom_score_adj", OfZones.ToString(CultureInfo.InvariantCulture));

    public void Dispose() => System.IO.File.WriteAllText(File, _own);
}
