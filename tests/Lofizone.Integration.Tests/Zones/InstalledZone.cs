namespace Lofizone.Integration.Tests.Zones;

/// <summary>A host, a NAS, and the zone <c>web</c> installed on the NAS.</summary>
public sealed class InstalledZone : NasHost
{
    public string Directory => Path.Combine(ShareDirectory, "web");

    public string Image => Path.Combine(Directory, "root.img");

    public string Json => Path.Combine(Directory, "zone.json");

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Host.RunCheckedAsync("create", "web", Share);
    }
}
