using Lofizone.Testing.Hosts;
using Lofizone.Vm.Tests.Machines;

namespace Lofizone.Vm.Tests;

/// <summary>A host that is away for longer than its lease loses its images to other hosts, and does no harm when it is back.</summary>
[Collection(LaboratoryCollection.Name)]
public sealed class TakeoverTests(Laboratory lab, ITestOutputHelper output)
{
    /// <summary>Content of each block that the old owner writes after its return.</summary>
    private const string Mark = "written-by-the-former-owner";

    private static readonly TimeSpan _noticeLimit = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("kernel", "kernel", "paused")]
    [InlineData("user", "user", "paused")]
    [InlineData("user", "kernel", "cut off")]
    [InlineData("dir", "user", "cut off")]
    public async Task A_former_owner_gets_EIO_and_not_one_byte_of_it_reaches_the_image(string mine, string theirs, string fault)
    {
        string image = $"xfs/taken-{mine}-{theirs}.img";
        AttachedImage old = AttachedImage.Of(mine, lab.Alpha, image);
        AttachedImage next = AttachedImage.Of(theirs, lab.Beta, image);
        Writer writer = new(old);
        try
        {
            await old.CreateAsync();
            await old.MountAsync();
            await old.Host.CheckedAsync($"echo before >{old.MountPoint}/before; sync");
            await writer.StartAsync();
            await LeaveAsync(fault);

            long start = TimeProvider.System.GetTimestamp();
            await next.TakeOverAsync();
            output.WriteLine($"{mine} to {theirs}, {fault}: taken over after {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0.0} s, lease {Laboratory.LeaseSeconds} s");
            CommandResult repair = await next.Host.RunAsync($"e2fsck -p {next.Device}");
            Assert.True(repair.ExitCode is 0 or 1, repair.ToString());
            await next.MountAsync();
            Assert.Equal("before", await next.Host.CheckedAsync($"cat {next.MountPoint}/before"));
            Writer second = new(next);
            await second.StartAsync();

            await ReturnAsync(fault);
            // The writes that waited, and new direct writes to the device.
            Assert.Contains("error", await writer.FailureAsync(), StringComparison.OrdinalIgnoreCase);
            CommandResult late = await old.Host.RunAsync(
                $"yes {Mark} | dd of={old.Device} bs=4096 count=64 seek=16 iflag=fullblock oflag=direct conv=notrunc,fsync");
            Assert.False(late.Succeeded, late.ToString());
            Assert.Contains("Input/output error", late.Error, StringComparison.Ordinal);
            await second.AdvanceAsync(4);
            Assert.Equal("0", await lab.Server.CheckedAsync($"grep -c {Mark} /srv/{image} || true"));
            await second.StopAndVerifyAsync();

            // The host notices the loss without a command, and names the new owner.
            await Laboratory.WaitAsync(
                async () => mine == "dir" || (await old.Host.CheckedAsync("lofiadm --json")).Contains("fenced", StringComparison.OrdinalIgnoreCase),
                _noticeLimit,
                $"{old.Host.Name} did not notice that it is fenced");

            // The old owner detaches the lost device, and may become the owner again.
            await old.DropAsync();
            await next.UnmountAsync();
            await next.DetachAsync();
            await old.AttachAsync();
            await old.CheckAsync();
        }
        finally
        {
            await ReturnAsync(fault);
            await old.DropAsync();
            await next.DropAsync();
        }
    }

    private Task LeaveAsync(string fault) => fault == "paused" ? lab.Alpha.PauseAsync() : lab.Server.SetLinkAsync(Laboratory.LinkTo(lab.Alpha), up: false);

    private Task ReturnAsync(string fault) => fault == "paused" ? lab.Alpha.ResumeAsync() : lab.Server.SetLinkAsync(Laboratory.LinkTo(lab.Alpha), up: true);
}
