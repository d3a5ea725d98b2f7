namespace Lofizone.Config;

/// <summary>
/// Marks the code that gives properties their effect. A test compares the marks with the registry, so that no property is accepted without
/// an effect, and no effect is left behind by a property that is gone.
/// </summary>
/// <param name="properties">Names of properties of the zone, or <c>RESOURCE: PROPERTY</c>.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method | AttributeTargets.Property, AllowMultiple = true)]
public sealed class EffectOfAttribute(params string[] properties) : Attribute
{
    public IReadOnlyList<string> Properties => properties;
}
