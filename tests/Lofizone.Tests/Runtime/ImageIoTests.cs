using Lofizone.Hosts;
using Lofizone.Runtime;

namespace Lofizone.Tests.Runtime;

public sealed class ImageIoTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lofizone-io-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Version_2_limits_reads_and_writes_of_the_loop_device_and_takes_the_limits_back()
    {
        CgroupLayout layout = Version2("cpu io memory");
        string max = Add("zone/io.max", "");
        Add("blocks/loop7/dev", "7:7\n");
        ImageIo io = new([Path.Combine(_root, "zone")], layout, Path.Combine(_root, "blocks"));
        ImageIo.Check("web", layout);
        io.Limit("web", "/dev/loop7", 500, 1 << 20);
        Assert.Equal("7:7 rbps=1048576 wbps=1048576 riops=500 wiops=500", File.ReadAllText(max));
        io.Limit("web", "/dev/loop7", 0, 1 << 20);
        Assert.Equal("7:7 rbps=1048576 wbps=1048576 riops=max wiops=max", File.ReadAllText(max));
        io.Limit("web", "/dev/loop7", 0, 0);
        Assert.Equal("7:7 rbps=max wbps=max riops=max wiops=max", File.ReadAllText(max));
    }

    [Fact]
    public void Version_1_and_a_version_2_without_the_controller_are_refused_with_the_reason_and_need_no_lifting()
    {
        foreach (CgroupLayout layout in new[] { new CgroupLayout(["/sys/fs/cgroup/blkio"], null, null), Version2("") })
        {
            LofizoneException refused = Assert.Throws<LofizoneException>(() => ImageIo.Check("web", layout));
            Assert.Contains("those of version 1 miss the data that is written back later", refused.Message, StringComparison.Ordinal);
            ImageIo io = new([_root], layout);
            Assert.Throws<LofizoneException>(() => io.Limit("web", "/dev/loop7", 500, 0));
            io.Limit("web", "/dev/loop7", 0, 0);
        }
    }

    private CgroupLayout Version2(string controllers)
    {
        Add("cgroup/cgroup.controllers", controllers + "\n");
        return new CgroupLayout([], null, Path.Combine(_root, "cgroup"));
    }

    private string Add(string name, string text)
    {
        string file = Path.Combine(_root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return file;
    }
}
