using System.Text;
using System.Text.Json;
using Lofizone.Devices;
using Lofizone.Interop;
using Lofizone.Ownership;
using Lofizone.Shares;

namespace Lofizone.Tests.Devices;

public sealed class LofiRecordTests
{
    private static readonly LofiDevice _device = new()
    {
        Number = 3,
        Link = "/dev/lofi/3",
        File = ShareUri.Parse("nfs://joost@nas:20490/export/web/root.img"),
        State = LofiState.Attached,
        LoopDevice = "/dev/loop8",
        SizeBytes = 1L << 30,
        Transport = "user",
        ZoneName = "web",
        Engine = new ProcessIdentity(4711, 123456789),
        Token = "lofizone::3:0123456789abcdef",
        BackingFile = "/run/lofizone/lofi/3/image",
        Since = new DateTimeOffset(2005, 6, 1, 12, 0, 0, TimeSpan.Zero),
    };

    [Fact]
    public void A_record_is_read_back_as_it_was_written() => Assert.Equal(_device, LofiRecord.Deserialize(LofiRecord.Serialize(_device)));

    [Fact]
    public void A_record_of_a_device_on_the_kernels_client_keeps_its_mount()
    {
        LofiDevice device = _device with { Transport = "kernel", Engine = null, Mount = "/run/lofizone/shares/nas_export_web_root.img-0123456789ab" };
        Assert.Equal(device, LofiRecord.Deserialize(LofiRecord.Serialize(device)));
    }

    [Fact]
    public void A_record_of_a_device_that_is_being_attached_is_read_back()
    {
        LofiDevice early = _device with { State = LofiState.Attaching, LoopDevice = "", SizeBytes = 0, Engine = null, ZoneName = null, BackingFile = "" };
        Assert.Equal(early, LofiRecord.Deserialize(LofiRecord.Serialize(early)));
    }

    [Fact]
    public void The_names_of_states_in_records_stay_as_they_are() =>
        Assert.Equal(["Attaching", "Attached", "Detaching"], Enum.GetNames<LofiState>());

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"number\":1}")]
    [InlineData("[1")]
    public void What_is_no_record_is_a_JsonException(string text) =>
        Assert.ThrowsAny<JsonException>(() => LofiRecord.Deserialize(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("dir:/a/web.img", "dir:/a/web.img", true)]
    [InlineData("nfs://NAS/z/root.img", "nfs://joost@nas/z/root.img", true)]
    [InlineData("nfs://nas/z/root.img", "nfs://nas:2050/z/root.img", false)]
    [InlineData("nfs://nas/z/root.img", "dir:/z/root.img", false)]
    [InlineData("dir:/a/web.img", "dir:/a/web2.img", false)]
    public void Two_names_are_one_image_when_only_the_identity_differs(string a, string b, bool same) =>
        Assert.Equal(same, LofiDevices.SameFile(ShareUri.Parse(a), ShareUri.Parse(b)));

    [Theory]
    [InlineData("root.img", "owner.json")]
    [InlineData("zone1_file", "zone1_file.owner.json")]
    public void The_owner_note_has_a_name_of_its_own_beside_images_that_share_a_directory(string image, string note) =>
        Assert.Equal(note, ImageOwner.NameFor(image));
}
