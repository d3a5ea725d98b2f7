using Lofizone.Testing.Hosts;
using Lofizone.Vm.Tests.Machines;

namespace Lofizone.Vm.Tests;

/// <summary>One host at a time writes an image, with either NFS client.</summary>
[Collection(LaboratoryCollection.Name)]
public sealed class OwnershipTests(Laboratory lab)
{
    [Theory]
    [InlineData("kernel", "kernel")]
    [InlineData("user", "user")]
    [InlineData("kernel", "user")]
    [InlineData("user", "kernel")]
    [InlineData("dir", "kernel")]
    [InlineData("user", "dir")]
    [InlineData("dir", "user")]
    public async Task Another_host_is_refused_with_the_owners_name_until_the_owner_detaches(string mine, string theirs)
    {
        string image = $"ext4/held-{mine}-{theirs}.img";
        AttachedImage held = AttachedImage.Of(mine, lab.Alpha, image);
        AttachedImage wanted = AttachedImage.Of(theirs, lab.Beta, image);
        try
        {
            await held.MakeAsync();
            CommandResult refused = await wanted.TryAttachAsync();
            Assert.False(refused.Succeeded);
            Assert.Contains("alpha", refused.Error, StringComparison.Ordinal);
            await held.DetachAsync();
            await wanted.AttachAsync();
            await wanted.DetachAsync();
        }
        finally
        {
            await held.DropAsync();
            await wanted.DropAsync();
        }
    }
}
