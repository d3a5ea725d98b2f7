using System.Text;
using System.Text.Json;
using CsCheck;
using Lofizone.Config;

namespace Lofizone.Tests.Config;

public sealed class ZoneConfigJsonTests
{
    private const string Whole = """
        {
          "version": 1,
          "name": "web",
          "uuid": "6f1c8a52-9f0e-4d7a-8f39-0c2b4d1e7a90",
          "zonepath": "/zones/web",
          "autoboot": true,
          "brand": "native",
          "rootimage": {
            "storage": "nfs://nas/export/zones",
            "size": 314572800,
            "fstype": "ext4"
          },
          "net": [
            {
              "physical": "br0",
              "address": "192.0.2.7/24",
              "defrouter": "192.0.2.1"
            }
          ],
          "attr": [
            {
              "name": "owner",
              "type": "string",
              "value": "joost"
            }
          ]
        }

        """;

    private static readonly ZoneConfig Web = new()
    {
        Name = "web",
        Uuid = new Guid("6f1c8a52-9f0e-4d7a-8f39-0c2b4d1e7a90"),
        ZonePath = "/zones/web",
        Autoboot = true,
        RootImage = new RootImage("nfs://nas/export/zones", 300 << 20),
        Net = [new NetResource("br0", "192.0.2.7/24", "192.0.2.1")],
        Attr = [new AttrResource("owner", "string", "joost")],
    };

    /// <summary>Fixed for ever, since the first Lofizone refuses every other member.</summary>
    private static readonly string[] _version1 = ["version", "name", "uuid", "zonepath", "autoboot", "brand", "rootimage", "net", "attr"];

    [Fact]
    public void The_layout_of_the_file_stays_as_it_is() => Assert.Equal(Whole, Encoding.UTF8.GetString(ZoneConfigJson.Write(Web)));

    [Fact]
    public void The_digest_stays_as_it_is() =>
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(Whole))), ZoneConfigJson.Digest(Web));

    [Fact]
    public void Limits_of_the_image_make_version_2_and_are_numbers()
    {
        ZoneConfig config = new() { Name = "web", Uuid = Guid.NewGuid(), RootImage = new RootImage("dir:/s", 1 << 30, "ext4", 500, 4 << 20) };
        string json = Encoding.UTF8.GetString(ZoneConfigJson.Write(config));
        Assert.Contains("\"version\": 2,", json, StringComparison.Ordinal);
        Assert.Contains("\"max-iops\": 500,", json, StringComparison.Ordinal);
        Assert.Contains("\"max-bandwidth\": 4194304", json, StringComparison.Ordinal);
        Assert.Equal(config.RootImage, ZoneConfigJson.Read(Encoding.UTF8.GetBytes(json), "zone.json").RootImage);
        ZoneConfig few = config with { RootImage = config.RootImage with { MaxIops = 1, MaxBandwidth = 1 } };
        Assert.Equal(
            ["rootimage: max-iops: 1 is not from 10 to 10000000", "rootimage: max-bandwidth: 1 is not from 1m to 1t"],
            ZoneConfigVerifier.Verify(few, null).Where(p => p.Contains("max-", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_file_has_version_1_exactly_when_version_1_has_all_its_members() => ConfigGen.Configs.Sample(config =>
    {
        using JsonDocument file = JsonDocument.Parse(ZoneConfigJson.Write(config));
        bool isFirst = file.RootElement.EnumerateObject().All(member => _version1.Contains(member.Name))
            && (!file.RootElement.TryGetProperty("rootimage", out JsonElement image) || image.EnumerateObject().All(member => member.Name is "storage" or "size" or "fstype"));
        Assert.Equal(isFirst, file.RootElement.GetProperty("version").GetInt32() == 1);
    });

    [Fact]
    public void What_was_written_reads_back_and_has_the_same_digest() => ConfigGen.Configs.Sample(config =>
    {
        ZoneConfig read = ZoneConfigJson.Read(ZoneConfigJson.Write(config), "zone.json", config.Name);
        Assert.Equal(config.Net, read.Net);
        Assert.Equal(config.Attr, read.Attr);
        Assert.Equal(config.Values, read.Values);
        Assert.Equal(WithoutLists(config), WithoutLists(read));
        Assert.Equal(ZoneConfigJson.Digest(config), ZoneConfigJson.Digest(read));
    });

    private static ZoneConfig WithoutLists(ZoneConfig config) =>
        config with { Net = [], Attr = [], Values = _empty.Values, Resources = _empty.Resources };

    private static readonly ZoneConfig _empty = new() { Name = "empty" };

    [Theory]
    [InlineData("\"version\": 1", "\"version\": 3", "newer")]
    [InlineData("\"autoboot\": true,", "\"autoboot\": true, \"properties\": {\"max-lwps\": \"100\"},", "max-lwps: it is no number")]
    [InlineData("\"autoboot\": true,", "\"autoboot\": true, \"properties\": {\"max-lwps\": 1},", "max-lwps: 1 is not from 32 to")]
    [InlineData("\"autoboot\": true,", "\"autoboot\": true, \"properties\": {\"max-lwps\": 1e3},", "max-lwps: '1e3' is no whole number")]
    [InlineData("\"autoboot\": true,", "\"autoboot\": true, \"properties\": {\"zonepath\": \"/x\"},", "zonepath: no such property")]
    [InlineData("\"autoboot\": true,", "\"autoboot\": true, \"properties\": {\"limitpriv\": \"all\"},", "limitpriv: 'all' is not possible")]
    [InlineData("\"autoboot\": true,", "\"autoboot\": true, \"resources\": {\"device\": [{}]},", "device: can't be added")]
    [InlineData("\"autoboot\": true,", "\"autoboot\": true, \"resources\": {\"capped-memory\": [null]},", "capped-memory: it is null")]
    [InlineData("\"autoboot\": true,", "\"autoboot\": true, \"resources\": {\"capped-memory\": [{\"physical\": \"1g\"}, {}]},", "capped-memory: 2 resources")]
    [InlineData("\"autoboot\": true,", "\"autoboot\": true, \"resources\": {\"capped-memory\": [{\"physical\": {\"a\": {}}}]},", "physical: it is no text")]
    [InlineData("\"autoboot\": true,", "\"autoboot\": true, \"resources\": {\"net\": [{}]},", "net: no such resource")]
    [InlineData("\"autoboot\": true,", "\"autoboot\": true, \"resources\": {\"capped-cpu\": []},", "capped-cpu: it is not a list")]
    [InlineData("\"version\": 1", "\"version\": 0", "version")]
    [InlineData("\"version\": 1,", "", "version")]
    [InlineData("\"version\": 1", "\"version\": \"1\"", "line 2")]
    [InlineData("\"autoboot\": true,", "\"autoboot\": true, \"evil\": 1,", "evil")]
    [InlineData("\"autoboot\": true,", "\"autoboot\": true, \"autoboot\": true,", "line 6")]
    [InlineData("\"autoboot\": true,", "\"autoboot\": true", "line 7")]
    [InlineData("\"autoboot\": true,", "\"autoboot\": null,", "line 6")]
    [InlineData("\"name\": \"web\"", "\"name\": null", "not a zone configuration")]
    [InlineData("\"name\": \"web\",", "", "name")]
    [InlineData("\"name\": \"web\"", "\"name\": \"db\"", "zone db, not of web")]
    [InlineData("\"name\": \"web\"", "\"name\": \"../web\"", "zonename")]
    [InlineData("\"name\": \"web\"", "\"name\": \"\\ud800\"", "not a zone configuration")]
    [InlineData("\"/zones/web\"", "\"/zones/../etc\"", "zonepath")]
    [InlineData("\"/zones/web\"", "\"/zones/\\u001b[2J\"", "control character")]
    [InlineData("6f1c8a52-", "", "line 4")]
    [InlineData("\"native\"", "\"-x\"", "brand")]
    [InlineData("nfs://nas/export/zones", "http://nas", "storage")]
    [InlineData("314572800", "1", "too small")]
    [InlineData("314572800", "314572801", "multiple")]
    [InlineData("314572800", "1e3000", "line")]
    [InlineData("314572800", "9223372036854771712", "too large")]
    [InlineData("\"ext4\"", "\"ntfs\"", "fstype")]
    [InlineData("\"br0\"", "\"-br0\"", "physical")]
    [InlineData("192.0.2.7/24", "192.0.2.7", "prefix length")]
    [InlineData("\"192.0.2.1\"", "\"198.51.100.1\"", "not in the network")]
    [InlineData("\"attr\": [", "\"attr\": [null,", "null")]
    [InlineData("\"owner\"", "\"zone.owner\"", "reserved")]
    public void A_file_that_somebody_broke_is_refused_with_file_and_reason(string old, string changed, string reason)
    {
        Assert.Contains(old, Whole, StringComparison.Ordinal);
        LofizoneException error = Assert.Throws<LofizoneException>(
            () => ZoneConfigJson.Read(Encoding.UTF8.GetBytes(Whole.Replace(old, changed, StringComparison.Ordinal)), "nfs://nas/z/web/zone.json", "web"));
        Assert.StartsWith("nfs://nas/z/web/zone.json: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', error.Message);
        Assert.NotNull(error.Advice);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("\0")]
    public void What_is_no_json_object_is_refused(string text) =>
        Assert.Throws<LofizoneException>(() => ZoneConfigJson.Read(Encoding.UTF8.GetBytes(text), "zone.json"));

    [Fact]
    public void A_file_over_the_limit_is_refused() =>
        Assert.Contains("65536", Assert.Throws<LofizoneException>(() => ZoneConfigJson.Read(new byte[ZoneConfigJson.MaxBytes + 1], "zone.json")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_configuration_over_the_limit_is_not_written()
    {
        ZoneConfig large = Web with { Attr = [.. Enumerable.Range(0, 64).Select(i => new AttrResource($"a{i}", "string", new string('x', 4096)))] };
        Assert.Throws<LofizoneException>(() => ZoneConfigJson.Write(large));
    }

    [Fact]
    public void Nesting_without_end_is_refused() =>
        Assert.Throws<LofizoneException>(() => ZoneConfigJson.Read(Encoding.UTF8.GetBytes("{\"version\":1,\"net\":" + new string('[', 30_000)), "zone.json"));

    [Fact]
    public void No_bytes_whatever_make_anything_but_a_clear_error() =>
        Gen.Select(Gen.Int[0, Whole.Length - 1], Gen.Byte.Array[0, 8], Gen.Int[0, 8]).Sample((at, bytes, dropped) =>
        {
            byte[] whole = Encoding.UTF8.GetBytes(Whole);
            byte[] changed = [.. whole[..at], .. bytes, .. whole[Math.Min(at + dropped, whole.Length)..]];
            try
            {
                Assert.Empty(ZoneConfigVerifier.Verify(ZoneConfigJson.Read(changed, "zone.json"), null));
            }
            catch (LofizoneException e)
            {
                Assert.StartsWith("zone.json: ", e.Message, StringComparison.Ordinal);
            }
        });
}
