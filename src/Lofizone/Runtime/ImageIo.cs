using System.Globalization;
using Lofizone.Hosts;

namespace Lofizone.Runtime;

/// <summary>
/// Limits the I/O of a zone on the loop device of its image, in the zone's cgroup of version 2 (io.max of
/// Documentation/admin-guide/cgroup-v2.rst). Version 1 knows no owner of the data that the kernel writes back later, which is most of what
/// a zone writes, so a limit there would have no effect.
/// </summary>
/// <param name="directories">The zone's cgroup in each hierarchy.</param>
/// <param name="layout">The host's cgroups.</param>
/// <param name="blocks">Directory of the kernel's files about block devices.</param>
internal sealed class ImageIo(IReadOnlyList<string> directories, CgroupLayout layout, string blocks = "/sys/class/block")
{
    private const string MaxFile = "io.max", Controller = "io";

    /// <exception cref="LofizoneException">This host can't limit the I/O of a loop device.</exception>
    public static void Check(string zone, CgroupLayout layout)
    {
        if (layout.Version2 is not { } version2 || !Controllers(version2).Contains(Controller))
            throw Impossible(zone);
    }

    /// <param name="zone">The zone, for messages.</param>
    /// <param name="loopDevice">The device, <c>/dev/loopN</c>.</param>
    /// <param name="operations">Requests in a second; 0 for no limit.</param>
    /// <param name="bytes">Bytes in a second; 0 for no limit.</param>
    /// <exception cref="LofizoneException">This host can't limit the I/O, or the kernel refuses.</exception>
    public void Limit(string zone, string loopDevice, long operations, long bytes)
    {
        bool isNone = operations <= 0 && bytes <= 0;
        if (directories.Select(d => Path.Combine(d, MaxFile)).FirstOrDefault(File.Exists) is not { } file)
        {
            if (isNone)
                return;
            Check(zone, layout);
            throw new LofizoneException(
                $"{zone}: rootimage: max-iops and max-bandwidth: the zone's cgroup has no {MaxFile}",
                "let the host delegate the controller io");
        }

        try
        {
            string device = File.ReadAllText(Path.Combine(blocks, Path.GetFileName(loopDevice), "dev")).Trim();
            string bps = Text(bytes), iops = Text(operations);
            File.WriteAllText(file, $"{device} rbps={bps} wbps={bps} riops={iops} wiops={iops}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LofizoneException(
                $"{zone}: rootimage: max-iops and max-bandwidth: {loopDevice}: the kernel refuses them in {MaxFile}: {e.Message}",
                $"clear them: zonecfg -z {zone} 'select rootimage; clear max-iops; clear max-bandwidth; end'", e);
        }
    }

    private static string Text(long limit) => limit > 0 ? limit.ToString(CultureInfo.InvariantCulture) : "max";

    private static string[] Controllers(string version2)
    {
        string file = Path.Combine(version2, "cgroup.controllers");
        return File.Exists(file) ? File.ReadAllText(file).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries) : [];
    }

    private static LofizoneException Impossible(string zone) => new(
        $"{zone}: rootimage: max-iops and max-bandwidth can't be kept on this host: the kernel carries the image's blocks, and limits them "
        + "in cgroups of version 2 alone; those of version 1 miss the data that is written back later",
        "boot the host with cgroups of version 2 (systemd.unified_cgroup_hierarchy=1); or let Lofizone's own client carry the blocks: "
        + "?transport=user behind the nfs:// share");
}
